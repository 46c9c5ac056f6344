import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('Failing on purpose.')
assert log.contains('There are test failures.')
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
