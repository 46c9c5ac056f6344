process square {
  cpus 1
  memory 64.MB
  time 5.min

  input: val number
  output: stdout

  script: "echo \$(( $number * $number )) in job \$SLURM_JOB_ID >&2; printf \$(( $number * $number ))"
}

process double_in_array {
  input: val number
  output: stdout

  script: "${params.array_task} && printf \$(( $number * 2 ))"
}

process second_time_lucky {
  errorStrategy 'retry'
  maxRetries 1

  output: stdout

  script: "printf ${task.attempt}; exit ${task.attempt < 2 ? 7 : 0}"
}

process total {
  publishDir params.results, mode: 'copy'

  input: val numbers
  output: path 'sum.txt'

  script: "echo \$(( ${numbers.join(' + ')} )) > sum.txt"
}

workflow {
  square(Channel.of(2, 3, 4))
  double_in_array(Channel.of(10, 20, 30))
  second_time_lucky()
  square.out.mix(double_in_array.out, second_time_lucky.out).collect() | total
}
