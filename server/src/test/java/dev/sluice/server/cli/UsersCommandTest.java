package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.cli.Program.Ran;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Users from the command line against a running server. */
class UsersCommandTest extends ServerCommandFixture {
    UsersCommandTest() {
        super("users", Map.of());
    }

    @Test
    void a_users_level_is_shown_and_set_and_a_user_is_forgotten() {
        assertThat(run("show", "42")).isEqualTo(new Ran(0, "USER  PRIVACY\n42    full\n"));
        Ran set = run("privacy", "42", "none");
        assertThat(set.code()).isZero();
        assertThat(set.output()).startsWith("FAMILY").contains("session", "msg_queue");
        assertThat(run("show", "42", "--json").output().strip()).isEqualTo("{\"user\":42,\"privacy\":\"none\"}");
        assertThat(run("forget", "42").code()).isZero();
        assertThat(run("forget", "42", "--json").output()).contains("\"complete\":true", "\"budget\":0");
        assertThat(run("show", "42").output()).contains("none");
    }

    @Test
    void what_is_no_user_or_no_level_is_refused() {
        assertThat(run("privacy", "42", "some").code()).isEqualTo(2);
        assertThat(run("show", "ann").code()).isEqualTo(2);
        assertThat(run("show", "0").code()).as("found by the server").isEqualTo(2);
    }
}
