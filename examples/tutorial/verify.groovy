// The build prints what docs/tutorial.md shows, but for the times.
def withoutTimes = { String text ->
    text.readLines().collect { it.replaceAll(/\u001b\[[0-9;]*m/, '').replaceAll(/[0-9.]+ s\b/, 'TIME') }
}

def shown = withoutTimes(new File(basedir, 'output.txt').text)
assert shown.size() > 1
assert withoutTimes(new File(basedir, 'build.log').text).containsAll(shown)
