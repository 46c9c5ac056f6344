package it;

import java.net.http.HttpClient;
import java.util.List;
import slurm.ApiClient;
import slurm.ApiException;
import slurm.api.SlurmApi;
import slurm.model.V0045JobDescMsg;
import slurm.model.V0045JobSubmitReq;

/** What a program does with the client that was generated from the document of Slurm 26.05. */
public final class Jobs {

  private final SlurmApi api;

  public Jobs(String url, String user, String token) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(url);
    // slurmrestd breaks off its answer to the offer of HTTP/2.
    client.setHttpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
    client.setRequestInterceptor(
        request ->
            request.header("X-SLURM-USER-NAME", user).header("X-SLURM-USER-TOKEN", token));
    api = new SlurmApi(client);
  }

  public int submit(String script) throws ApiException {
    V0045JobDescMsg job =
        new V0045JobDescMsg()
            .name("generated")
            .script(script)
            .currentWorkingDirectory("/tmp")
            .environment(List.of("PATH=/bin:/usr/bin"));
    return api.slurmV0045PostJobSubmit(new V0045JobSubmitReq().job(job)).getJobId();
  }

  public String state(int job) throws ApiException {
    return api.slurmV0045GetJob(Integer.toString(job), null, null)
        .getJobs()
        .get(0)
        .getJobState()
        .get(0)
        .getValue();
  }

  public void cancel(int job) throws ApiException {
    api.slurmV0045DeleteJob(Integer.toString(job), null, null);
  }
}
