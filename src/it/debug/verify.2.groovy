import java.nio.file.Files

def directory = new File(basedir, '.slurm-cluster/it-debug')
def log = new File(basedir, 'build.log').getText('ISO-8859-1')

// What is sent to the engine, in the words of its API and not in bytes on a wire.
assert log =~ /DEBUG\] POST \/v[0-9.]+\/containers\/create\?name=\S*controller\S* /
assert log =~ /DEBUG\] POST \/v[0-9.]+\/containers\/\w+\/exec \{User: /
assert log.contains("Cluster it-debug on Docker Engine ")
assert log =~ /DEBUG\] waiting for |DEBUG\] GET /
['http-outgoing', '>> "', '<< "', 'HTTP/1.1'].each { assert !log.contains(it) : it }

// No secret, in whatever form.
['secrets', 'ssh'].each { folder ->
  new File(directory, folder).eachFileRecurse { file ->
    if (file.file && !(file.name =~ /\.pub$|^config$|^known_hosts$|^users$/) && file.parentFile.name != 'authorized_keys') {
      def bytes = Files.readAllBytes(file.toPath())
      def forms = [new String(bytes, 'ISO-8859-1'), bytes.encodeBase64().toString(), bytes.encodeHex().toString()]
      forms.addAll(new String(bytes, 'ISO-8859-1').readLines().findAll { it.length() > 40 && !it.contains('-----') })
      forms.each { assert !log.contains(it) : "${file} is in the log" }
    }
  }
}
assert !log.contains('PRIVATE KEY')
