import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('job job.sh will end with 0')
assert log =~ /Job \d+ \(job\.sh\) completed/
assert log.contains('job job.sh will end with 9')
assert log =~ /Job \d+ \(job\.sh\) ended as FAILED with exit status 9/
assert log.readLines().count { it =~ /Cluster \S+ destroyed/ } == 2
assert EngineContents.below(basedir) == []
