def socket = new ServerSocket(0, 1, InetAddress.getByName('127.0.0.1'))
context.put('socket', socket)
context.get('userProperties').put('slurm.port', socket.localPort.toString())
return true
