import groovy.json.JsonSlurper
import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text
// Without containers, all nodes are this machine, and all users are this one.
def embedded = basedir.parentFile.name == 'it-embedded'
def user = embedded ? System.getProperty('user.name') : 'slurm'
def host = { embedded ? new File('/proc/sys/kernel/hostname').text.trim() : it }
def directory = new File(basedir, '.slurm-cluster/it-goals').absolutePath

// init
assert log.contains('<definition>slurm-cluster.yaml</definition>')
assert log.contains('slurm-cluster.yaml already exists')

// status
def status = new JsonSlurper().parse(new File(basedir, 'status.json'))
assert status.name == 'it-goals'
assert status.status == 'running'
assert status.nodes*.name == ['controller', 'compute-0', 'compute-1']
assert status.connection.user == user

// list
assert log.readLines().any { it =~ /^it-goals +running +3\/3 .* hand +\Q${directory}\E$/ }

// exec
['controller', 'compute-0', 'compute-1'].each {
  assert log.contains("${it} | on:${host(it)}")
  assert log.contains("${it} | as:${user}")
}
assert log.contains('The command ended on compute-0 with 3, compute-1 with 3: exit 3')

// copy
assert new File(basedir, 'back/job.sh').text == new File(basedir, 'data/job.sh').text
assert new File(basedir, 'back/deeper/file').text == new File(basedir, 'data/deeper/file').text

// submit
assert log.contains('first line of it with one two')
assert log.readLines().containsAll(['compute-0', 'compute-1', 'last line'])
assert log =~ /Job \d+ \(job\.sh\) completed/
assert log.contains('before the end')
assert log =~ /Job \d+ \(fails\.sh\) ended as FAILED with exit status 5/

// check
def lines = log.replaceAll(/\u001B\[[0-9;]*m/, '').readLines()
assert lines.contains('taken    scripts/deeper/array.sbatch')
assert lines.contains('refused  scripts/large.sh             Memory specification can not be satisfied; Batch job submission failed: Requested node configuration is not available')
assert lines.contains('taken    scripts/never.sh')
assert log.contains('Cluster it-goals refuses 1 of 3 scripts (scripts/large.sh): ')
def suite = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder()
    .parse(new File(basedir, 'target/slurm-reports/TEST-slurm-check.xml')).documentElement
assert suite.getAttribute('tests') == '3' && suite.getAttribute('failures') == '1'
assert suite.getElementsByTagName('failure').item(0).parentNode.getAttribute('name') == 'scripts/large.sh'
assert !log.contains('It has run')

// ssh
assert log.readLines().containsAll(["ssh:on:${host('controller')}".toString(), "ssh:as:${user}".toString()])
assert log.contains('The command ended with exit status 7: exit 7')
assert log.contains("No shell can be opened, because Maven runs in batch mode (-B)")
assert log.contains("use ssh -F ${directory}/ssh/config slurm")

// scale
assert log.readLines().contains('compute-2')
assert log.contains('left:1')

// reset, restart, wait
assert log.readLines().contains('queue:0')
assert log.contains('a job ran on partition cpu')

// logs
assert log.contains('Logs of cluster it-goals: ')
['logs/controller.log', 'logs/compute-0.log', 'nodes.txt', 'jobs.txt', 'partitions.txt', 'sinfo.txt',
 'containers.txt', embedded ? 'files/cluster.yaml' : 'files/docker-compose.yml', 'files/config/slurm.conf'].each {
  assert new File(basedir, "exported/${it}").length() > 0
}
assert !new File(basedir, 'exported').list().toList().contains('secrets')

// report
def page = new File(basedir, 'target/slurm-report.html').text
assert page.contains('<title>Slurm cluster it-goals: report</title>')
def report = new JsonSlurper().parseText((page =~ /(?s)id="data">(.*?)<\/script>/)[0][1])
assert report.nodes*.name == ['compute-0']
def held = report.jobs.find { it.name == 'wrap' }
assert held.state == 'CANCELLED' && held.nodes == [] && held.script.text.contains('true')
assert report.usage.queue*.getAt(1).max() >= 1

// token, openapi
def claims = log.replaceAll(/\u001B\[[0-9;]*m/, '').readLines().findAll { it ==~ /ey[\w-]+\.[\w-]+\.[\w-]+/ }
    .collect { new JsonSlurper().parse(it.tokenize('.')[1].decodeBase64Url()) }
assert claims*.sun == [user, 'mallory']
assert claims[0].exp - claims[1].exp > 80000
def paths = new JsonSlurper().parse(new File(basedir, 'openapi.json')).paths.keySet()
assert paths.any { it.startsWith('/slurm/v0.0.41/ping') }
assert paths.every { it.contains('/v0.0.41/') }

// what is not running is told, and by the exit status too
assert log.contains('Cluster it-goals is stopped')
assert log.contains("There is no cluster 'it-goals-gone'")
assert EngineContents.below(basedir) == []
