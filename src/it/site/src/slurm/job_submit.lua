-- A job must say how long it may take.
function slurm_job_submit(job, partitions, uid)
  if job.time_limit == slurm.NO_VAL then
    slurm.log_user("Say how long the job may take: --time")
    return slurm.ERROR
  end
  return slurm.SUCCESS
end

function slurm_job_modify(job, record, partitions, uid)
  return slurm.SUCCESS
end

return slurm.SUCCESS
