import io.github.slurmmaven.plugin.EngineContents

def reports = new File(basedir, 'target/failsafe-reports')
def tests = { text -> (text =~ /<testsuite [^>]*\btests="(\d+)"/)[0][1].toInteger() }
def counts = ['22.05', '24.11', '26.05'].collect { tests(new File(reports, "TEST-it.SlurmIT-${it}.xml").text) }

assert counts.every { it > 0 }
assert (new File(reports, 'failsafe-summary.xml').text =~ /<completed>(\d+)</)[0][1].toInteger() == counts.sum()
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
