package it;

import java.net.http.HttpClient;
import java.util.Map;
import slurm.ApiClient;
import slurm.ApiException;
import slurm.api.SlurmApi;
import slurm.model.V0038JobProperties;
import slurm.model.V0038JobSubmission;

/** What a program does with the client that was generated from the document of Slurm 22.05. */
public final class Jobs {

  private final SlurmApi api;

  public Jobs(String url, String user, String token) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(url);
    // slurmrestd breaks off its answer to the offer of HTTP/2.
    client.setHttpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
    // Of the two forms that the client offers to take, Slurm 22.05 chooses YAML, which it cannot read.
    client.setRequestInterceptor(
        request ->
            request
                .setHeader("Accept", "application/json")
                .header("X-SLURM-USER-NAME", user)
                .header("X-SLURM-USER-TOKEN", token));
    api = new SlurmApi(client);
  }

  public int submit(String script) throws ApiException {
    V0038JobProperties job =
        new V0038JobProperties()
            .name("generated")
            .currentWorkingDirectory("/tmp")
            .environment(Map.of("PATH", "/bin:/usr/bin"));
    return Math.toIntExact(
        api.slurmV0038SubmitJob(new V0038JobSubmission().script(script).job(job)).getJobId());
  }

  public String state(int job) throws ApiException {
    return api.slurmV0038GetJob(Integer.toString(job)).getJobs().get(0).getJobState();
  }

  public void cancel(int job) throws ApiException {
    api.slurmV0038CancelJob(Integer.toString(job), null);
  }
}
