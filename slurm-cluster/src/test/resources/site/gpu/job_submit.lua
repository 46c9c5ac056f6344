function slurm_job_submit(job, partition, uid)
  if job.time_limit == slurm.NO_VAL then
    slurm.log_user("Say how long the job may take: --time")
    return slurm.ERROR
  end
  return slurm.SUCCESS
end
function slurm_job_modify(job, record, partition, uid)
  return slurm.SUCCESS
end
