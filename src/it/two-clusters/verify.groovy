import io.github.slurmmaven.plugin.EngineContents

def summary = new File(basedir, 'target/failsafe-reports/failsafe-summary.xml').text

assert (summary =~ /<completed>(\d+)</)[0][1].toInteger() > 0
assert new File(basedir, 'build.log').text.contains('slurm.ssh.port and its sisters are those of cluster it-second from now on. Those of it-first are slurm.it-first.ssh.port and so on')
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
