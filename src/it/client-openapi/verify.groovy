def tests = { text -> (text =~ /<testsuite [^>]*\btests="(\d+)"/)[0][1].toInteger() }

['22.05', '24.11', '26.05'].each { release ->
  def module = new File(basedir, "slurm-$release")
  assert new File(module, 'target/slurm-openapi.json').text.contains('"openapi"')
  assert tests(new File(module, 'target/failsafe-reports/TEST-it.GeneratedClientIT.xml').text) == 2
  assert !new File(module, 'target/slurm-openapi').exists() || new File(module, 'target/slurm-openapi').list().length == 0
  def token = new File(basedir, 'build.log').text =~ /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\./
  assert !token.find()
}
true
