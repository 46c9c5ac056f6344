import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text
def lines = log.readLines()

// Bound to the build: each module's own.
assert lines.count('a has it-reactor-a') == 1
assert lines.count('b has it-reactor-b') == 1

// Typed: once, whatever the number of modules.
assert lines.count { it.contains('There are several clusters') } == 1
['it-reactor-a  in ' + new File(basedir, 'a/.slurm-cluster/it-reactor-a'),
 'it-reactor-b  in ' + new File(basedir, 'b/.slurm-cluster/it-reactor-b')].each { assert log.contains(it) }
assert lines.count('typed once') == 1
assert lines.count { it.contains('Logs of cluster it-reactor-b: ') } == 1
assert new File(basedir, 'target/logs/nodes.txt').exists()
// Maven 4 makes the directory itself.
assert !new File(basedir, 'a/target/logs').exists()
assert lines.count('Cluster: it-reactor-b') == 1

assert lines.count { it =~ /Cluster it-reactor-a destroyed/ } == 1
assert EngineContents.below(basedir) == []
