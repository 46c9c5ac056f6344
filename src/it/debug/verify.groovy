import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

// -q: what was asked for, and nothing else.
def quiet = log.substring(log.lastIndexOf('DEBUG]'))
assert quiet.readLines().any { it.endsWith('only this') }
['Cluster it-debug reset', 'Cluster it-debug is ready', 'Cluster it-debug destroyed'].each { assert !quiet.contains(it) : it }

// The help of a goal tells every parameter.
['computeNodes', 'partition', 'name', 'outputDirectory', 'timeout', 'skip'].each { assert log =~ /(?m)^    ${it}( |$)/ : it }
assert log.contains('User property: slurm.scale.partition')
assert EngineContents.below(basedir) == []
