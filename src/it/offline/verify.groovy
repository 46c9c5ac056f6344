import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log =~ /(?m)^    command( |$)/
assert log.readLines().count('a job without a network') == 1
assert log.findAll(/Cluster it-offline is ready/).size() == 2
assert EngineContents.below(basedir) == []
