import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('Failing on purpose.')
assert !log.contains(':destroy (default)')
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
