import io.github.slurmmaven.plugin.EngineContents

def summary = new File(basedir, 'target/failsafe-reports/failsafe-summary.xml').text

assert (summary =~ /<completed>(\d+)</)[0][1].toInteger() > 0
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
