import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text
def lines = log.readLines()
def places = lines.collect { it =~ /^(own-a|own-b|shares-c|shares-d) is at (\S+ port \d+)$/ }
    .findAll { it.matches() }
    .collectEntries { [it.group(1), it.group(2)] }

assert places.size() == 4
assert places['shares-c'] == places['shares-d']
assert places.values().toSet().size() == 3

// The one that is shared goes when the build ends, and neither module takes it from the other.
['it-modules-a', 'it-modules-b', 'it-modules-shared'].each { name ->
  assert lines.count { it =~ /Cluster ${name} destroyed/ } == 1
}
assert lines.count { it.contains('Kept for the other modules, until the build ends: it-modules-shared') } == 4
assert !lines.any { it =~ /Cluster it-modules-shared stopped/ }
def end = lines.findIndexOf { it =~ /Cluster it-modules-shared destroyed/ }
assert lines.findLastIndexOf { it =~ /--- .*:destroy \(cluster\) @ shares-/ } < end

['.', 'own-a', 'own-b', 'shares-c', 'shares-d'].each {
  assert !new File(basedir, "${it}/.slurm-cluster").exists()
}
assert EngineContents.below(basedir) == []
