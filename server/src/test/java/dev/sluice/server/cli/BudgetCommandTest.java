package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.cli.Program.Ran;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Budgets from the command line against a running server, once as a process of its own. */
class BudgetCommandTest extends ServerCommandFixture {
    BudgetCommandTest() {
        super("budget", Map.of("MESSAGE_LIMIT", "3"));
    }

    @Test
    void budgets_are_shown_granted_and_reset() throws Exception {
        assertThat(process("status"))
                .isEqualTo(new Ran(0, "User ID         | Count | Limit | Remaining | TTL (sec)\n"));
        for (int i = 0; i < 5; i++) {
            consume(42);
        }
        consume(4300000000L);

        var status = run("status").output();
        assertThat(status.lines().findFirst()).contains("User ID         | Count | Limit | Remaining | TTL (sec)");
        assertThat(status)
                .containsPattern("(?m)^42              \\|     3 \\|     3 \\|         0 \\|     86[34]\\d\\d$")
                .containsPattern("(?m)^4300000000      \\|     1 \\|     3 \\|         2 \\|     86[34]\\d\\d$");
        assertThat(run("status", "7").output()).containsPattern("(?m)^7 +\\| +0 \\| +3 \\| +3 \\| +0$");

        assertThat(run("grant", "--messages", "2", "42", "7").output())
                .containsPattern("(?m)^42 +\\| +3 \\| +3 \\| +2 \\|")
                .containsPattern("(?m)^7 +\\| +0 \\| +3 \\| +5 \\|");
        assertThat(run("reset", "42")).isEqualTo(new Ran(0, "reset: 1 users\n"));
        assertThat(run("status", "42").output()).containsPattern("(?m)^42 +\\| +0 \\| +3 \\| +3 \\| +0$");
        assertThat(run("reset", "--all", "--json")).isEqualTo(new Ran(0, "{\"reset\":2}\n"));
        assertThat(run("status").output().lines()).hasSize(1);
    }

    @Test
    void many_users_come_page_by_page_and_from_a_file_and_json_is_one_list() throws Exception {
        assertThat(run("status", "--json")).isEqualTo(new Ran(0, "[\n]\n"));
        Files.writeString(
                directory.resolve("users"),
                IntStream.rangeClosed(1, 450).mapToObj(Integer::toString).collect(Collectors.joining("\n")));
        assertThat(run("grant", "--messages", "1", "@" + directory.resolve("users"))
                        .code())
                .isZero();

        assertThat(run("status").output().lines()).hasSize(451);
        var list = JsonMapper.shared().readTree(run("status", "--json").output());
        assertThat(list).hasSize(450).allSatisfy(budget -> {
            assertThat(budget.path("bonus").asInt()).isEqualTo(1);
            assertThat(budget.path("remaining").asInt()).isEqualTo(4);
        });
    }

    @Test
    void what_is_wrongly_asked_or_not_done_ends_with_another_code() throws Exception {
        assertThat(run("reset").code()).isEqualTo(2);
        assertThat(run("reset", "--all", "42").code()).isEqualTo(2);
        assertThat(run("grant", "42").code()).isEqualTo(2);
        for (String none : List.of("ann", "@nowhere", "1e3", "\u0664\u0662", "42.0", "+42", "9".repeat(19))) {
            var ran = run("status", "7", none);
            assertThat(ran.code()).as(none).isEqualTo(2);
            assertThat(ran.output()).contains("'" + none + "' is no USER; accepted: users' ids, or @FILE");
        }
        assertThat(run("grant", "--messages", "many", "42").output())
                .contains("--messages", "'many' is no whole number");
        var negative = run("grant", "--messages", "-1", "42");
        assertThat(negative.code()).as("found by the server").isEqualTo(2);
        assertThat(negative.output()).contains("/messages must be a whole number from 1 to 1000000000");
        var half = run("grant", "--messages", "1", "42", "0", "43");
        assertThat(half.code()).isEqualTo(1);
        assertThat(half.output()).contains("(user 0, after 1 of 3 were done)");
        assertThat(run("status", "42", "43").output())
                .containsPattern("(?m)^42 .* 4 \\|")
                .containsPattern("(?m)^43 .* 3 \\|");
    }

    @Test
    void a_user_who_is_named_twice_is_granted_nothing_and_nobody_else_either() throws Exception {
        var refused = run("grant", "--messages", "1", "43", "42", "42");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.output()).contains("user 42 is named twice");

        assertThat(run("status", "--json")).isEqualTo(new Ran(0, "[\n]\n"));
    }

    @Test
    void a_server_that_cannot_be_asked_has_no_list_that_looks_empty() throws Exception {
        String nobody = "http://127.0.0.1:1";
        for (String[] arguments : new String[][] {{"status", "--json"}, {"status"}, {"status", "42", "--json"}}) {
            var failed = runAgainst(nobody, arguments);
            assertThat(failed.code()).isEqualTo(1);
            assertThat(failed.output()).contains("no Sluice answers at").doesNotContain("[", "User ID");
        }
    }

    @Test
    void a_list_that_breaks_off_has_no_end() throws Exception {
        consume(42);
        var half = run("status", "--json", "42", "0");
        assertThat(half.code()).isEqualTo(1);
        assertThat(half.output()).startsWith("[\n{").doesNotContain("\n]");
    }

    private void consume(long user) throws Exception {
        assertThat(send("POST", "/v1/budgets/" + user + "/consume", "").statusCode())
                .isEqualTo(200);
    }
}
