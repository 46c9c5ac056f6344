import io.github.slurmmaven.plugin.EngineContents

// Where the build in the container had its cluster's files.
assert EngineContents.below(new File('/builds')) == []
assert new File(basedir, 'build.log').text.contains('Tests run: 7, Failures: 0, Errors: 0, Skipped: 0')
