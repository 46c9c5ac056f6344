import io.github.slurmmaven.plugin.EngineContents
import io.github.slurmmaven.terminal.Tmux
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions

def CLEAR_LINE = '\r\u001b[K'
def script = new File(basedir, 'slurm')
script.text = """\
  #!/bin/sh
  # slurm GOAL [OPTION]…
  goal=\$1
  shift
  exec '${mavenHome}/bin/mvn' -o -s '${new File(basedir, '../interpolated-settings.xml').canonicalPath}' \\
    '-Dmaven.repo.local=${localRepositoryPath}' \\
    ${plugin}:"\$goal" "\$@"
  """.stripIndent()
Files.setPosixFilePermissions(script.toPath(), PosixFilePermissions.fromString('rwxr-xr-x'))

// The path of a socket must be short.
def window = Files.createTempDirectory('slurm-terminal')
def tmux = Tmux.open(window, 100, 50)
def seen = window.resolve('seen').toFile()
// On an empty screen.
def type = { String line -> tmux.line("printf '\\033[H\\033[2J'; ${line}") }
// Answers with the exit status, which nothing that is still on the screen can be taken for.
def number = 0
def goal = { String line ->
  type("./slurm ${line}; echo \"goal ${++number} left with \$?\"")
  tmux.await("^goal ${number} left with (\\d+)\$").group(1)
}
try {
  tmux.record(seen.toPath())
  type("cd '${basedir.absolutePath}'")
  type('export MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"')
  // Maven 4 itself changes the terminal's speed and the number of its line discipline.
  type('settings() { stty -a | sed "s/speed [0-9]* baud; //; s/line = [0-9]*;//"; }; settings > before')

  // What goes on at the moment stands on one line, which is gone afterwards.
  assert goal('start -Dslurm.name=it-terminal -Dslurm.preset=multi-node -Dslurm.port=0') == '0'
  assert seen.text.contains("${CLEAR_LINE}started compute-1: ")
  assert tmux.screen().contains('Cluster it-terminal is ready')
  assert !(tmux.screen() =~ /started compute-1|waiting for/)

  // Colours are Maven's, where it has them and somebody sees them.
  assert goal('status') == '0'
  assert tmux.colouredScreen() =~ /Status: +\u001b\[[0-9;]*m(\u001b\[[0-9;]*m)*Running/
  assert goal('status -B') == '0'
  assert !tmux.colouredScreen().contains('\u001b')
  goal('status > piped')
  assert new File(basedir, 'piped').readLines().contains('Status:  Running')
  def before = seen.length()
  assert goal('restart -B -Dslurm.node=compute-1') == '0'
  assert !seen.text.substring((int) before).contains(CLEAR_LINE)

  // A shell on the controller, which is reached over SSH, and one on a node, through the engine.
  ['controller': '', 'compute-0': '-Dslurm.node=compute-0'].each { node, options ->
    type("./slurm ssh ${options}; echo \"${node} was left with \$?\"")
    tmux.await("^slurm@${node}:~\\\$\$")
    type('stty size')
    tmux.await('^50 100$')
    tmux.resize(90, 25)
    type('until [ "$(stty size)" = "25 90" ]; do sleep 0.05; done; echo resized $(hostname)')
    tmux.await("^resized ${node}\$")
    type("printf '\\033[32mgreen %s\\033[0m\\n' \$(hostname)")
    tmux.await("^green ${node}\$")
    assert tmux.colouredScreen().contains('\u001b[32mgreen')
    type('echo begun; sleep 1000')
    tmux.await('^begun$')
    tmux.key('C-c')
    tmux.line('echo "it ended with $?"')
    tmux.await('^it ended with 130$')
    type('exit 4')
    tmux.await('The shell ended with exit status 4$')
    tmux.await("^${node} was left with 0\$")
    tmux.resize(100, 50)
  }
  type('settings | diff before - && echo "as it was"')
  tmux.await('^as it was$')

  // Ctrl-C ends what follows, and nothing else.
  type('./slurm logs -Dslurm.follow -Dslurm.tail=1')
  tmux.await('^compute-1 \\| ')
  tmux.key('C-c')
  tmux.await('local\\$$')
  assert goal('status') == '0'
  assert goal('destroy -Dslurm.name=it-terminal') == '0'
  assert EngineContents.below(basedir) == []
} catch (Throwable e) {
  println tmux.screen()
  throw e
} finally {
  tmux.close()
  window.toFile().deleteDir()
}
