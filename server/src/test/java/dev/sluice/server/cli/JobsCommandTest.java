package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.cli.Program.Ran;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Jobs from the command line against a running server. */
class JobsCommandTest extends ServerCommandFixture {
    JobsCommandTest() {
        super("jobs", Map.of());
    }

    @Test
    void jobs_are_listed_and_shown() throws Exception {
        assertThat(run("list")).isEqualTo(new Ran(0, "ID  NAME  STATE  PROGRESS  COUNTERS  STARTED  UPDATED  ERROR\n"));
        String started = send("POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"import-7\",\"total\":10}")
                .body();
        long run = JsonMapper.shared().readTree(started).path("run").asLong();
        send("PUT", "/v1/jobs/import-7", "{\"run\":" + run + ",\"done\":4,\"add\":{\"users\":3,\"errors\":1}}");

        assertThat(run("list", "--name", "import", "--state", "running").output())
                .containsPattern("(?m)^import-7  import  running  4/10      errors=1 users=3  \\S+Z  \\S+Z  -$");
        assertThat(run("list", "--state", "dead").output().lines()).hasSize(1);
        send(
                "POST",
                "/v1/jobs/import-7/end",
                "{\"run\":" + run + ",\"state\":\"failed\",\"error\":\"TimeoutError\",\"message\":\"the panel\"}");

        assertThat(run("show", "import-7").output())
                .containsPattern("(?m)^state     failed$")
                .containsPattern("(?m)^error     TimeoutError$")
                .containsPattern("(?m)^message   the panel$");
        assertThat(run("show", "import-7", "--json").output()).startsWith("{\"id\":\"import-7\",\"run\":" + run);
        assertThat(run("show", "import-8").code()).isEqualTo(1);
    }

    @Test
    void what_a_program_wrote_cannot_command_the_terminal() throws Exception {
        String started = send("POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"import-7\"}")
                .body();
        long run = JsonMapper.shared().readTree(started).path("run").asLong();
        send(
                "POST",
                "/v1/jobs/import-7/end",
                "{\"run\":" + run
                        + ",\"state\":\"succeeded\",\"message\":\"\\u001b[2J\\nstate  failed\\u009b1m\\u202e\"}");
        assertThat(run("show", "import-7").output()).contains("message   ?[2J?state  failed?1m?\n");
    }
}
