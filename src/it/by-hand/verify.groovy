import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.count('Tests run: 1, Failures: 0, Errors: 0, Skipped: 0') >= 1
assert log.count('BUILD SUCCESS') == 10
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
