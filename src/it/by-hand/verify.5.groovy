import io.github.slurmmaven.plugin.EngineContents

def contents = EngineContents.below(basedir)

assert !contents.any { it.startsWith('RUNNING container') }
assert contents.any { it.startsWith('volume') }
