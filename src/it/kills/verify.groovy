import io.github.slurmmaven.plugin.EngineContents

def lines = new File(basedir, 'build.log').readLines()
def counts = lines.find { it =~ /Killed \d+ builds of / }

// Also where whoever runs all tests sees it, past the log that this script writes to.
new FileOutputStream(FileDescriptor.out).write("${lines.find { it.contains('KILLS_SEED') }}\n${counts}\n".getBytes('UTF-8'))
assert counts
assert counts =~ / 5 builds of (docker|embedded) / || System.getenv('KILLS_OF_EACH_KIND')
assert EngineContents.below(basedir) == []
