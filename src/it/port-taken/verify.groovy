import io.github.slurmmaven.plugin.EngineContents

def socket = context.get('socket')
socket.close()
def error = new File(basedir, 'build.log').readLines().find { it.contains('Failed to execute goal') }

assert error.contains("<port> (-Dslurm.port): '${socket.localPort}' is taken")
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
