package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.cli.Program.Ran;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Named limits from the command line against a running server, once as a process of its own. */
class LimitsCommandTest extends ServerCommandFixture {
    LimitsCommandTest() {
        super("limits", Map.of());
    }

    @Test
    void limits_are_set_shown_changed_and_removed() throws Exception {
        assertThat(process("show")).isEqualTo(new Ran(0, "NAME  LIMIT  WINDOW  BURST  MODE\n"));
        assertThat(run("set", "payments", "--limit", "3", "--per", "5m"))
                .isEqualTo(
                        new Ran(0, "NAME      LIMIT  WINDOW  BURST  MODE\npayments  3      5m      -      enforced\n"));
        assertThat(run("set", "api", "--limit", "100", "--per", "1500ms", "--burst", "10", "--shadow")
                        .code())
                .isZero();
        assertThat(run("show").output())
                .isEqualTo("NAME      LIMIT  WINDOW  BURST  MODE\n"
                        + "api       100    1500ms  10     shadow\n"
                        + "payments  3      5m      -      enforced\n");

        acquire("payments", "{\"subject\":\"Ann Lee\"}");
        assertThat(run("show", "payments", "--subject", "Ann Lee").output())
                .containsPattern("(?m)^payments  3      5m      -      enforced  1     2          (299|300)$");
        assertThat(run("show", "payments").output()).containsPattern("(?m)enforced  0     3          0$");
        run("set", "payments", "--limit", "1", "--per", "300");
        assertThat(run("show", "payments", "--subject", "Ann Lee", "--json").output())
                .startsWith("{\"name\":\"payments\",\"limit\":1,\"window_ms\":300000,\"burst\":null,\"shadow\":false,"
                        + "\"used\":1,\"remaining\":0,");
        assertThat(run("remove", "payments")).isEqualTo(new Ran(0, "removed: payments\n"));
        assertThat(run("remove", "api", "--json")).isEqualTo(new Ran(0, "{\"removed\":\"api\"}\n"));
        assertThat(run("show", "--json")).isEqualTo(new Ran(0, "[]\n"));
    }

    @Test
    void a_bots_limits_at_telegram_are_shown() throws Exception {
        assertThat(run("show", "--bot", "123456", "--chat", "-100")).isEqualTo(new Ran(0, """
                        SCOPE  LIMIT  WINDOW   USED  REMAINING  RESET (sec)  PARKED (sec)  WAITING  LEARNED  FROM      MODE
                        bot    30     1s       0     30         0            0             0        -        settings  enforced
                        paid   1000   1s       0     1000       0            0             0        -        settings  enforced
                        chat   1      1s       0     1          0            0             0        -        settings  enforced
                        group  20     60006ms  0     20         0            0             0        -        settings  enforced
                        """));
        assertThat(run("reset", "--bot", "123456", "--chat", "-100")).isEqualTo(new Ran(0, "forgotten: -\n"));
        assertThat(run("reset", "--bot", "123456", "--json")).isEqualTo(new Ran(0, "{\"forgotten\":[]}\n"));
        assertThat(run("show", "--bot", "123456", "--json").output()).startsWith("{\"limits\":[{\"scope\":\"bot\",");
        assertThat(run("show", "--chat", "-100").code()).isEqualTo(2);
        assertThat(run("show", "--bot", "123456", "payments").code()).isEqualTo(2);
    }

    @Test
    void a_bots_limits_are_set_one_by_one_given_back_and_unset() {
        assertThat(run("set", "--bot", "123456", "--global", "25/1s", "--user", "1/60s", "--replies", "60/1s")
                        .output())
                .isEqualTo("""
                        SCOPE    LIMIT       FROM
                        bot      25/1s       set
                        paid     1000/1s     settings
                        chat     1/1s        settings
                        group    20/60006ms  settings
                        user     1/1m        set
                        replies  60/1s       set
                        shadow   off         settings
                        """);
        assertThat(run("set", "--bot", "123456", "--shadow", "--user", "off").output())
                .contains("bot      25/1s       set", "user     off         set", "shadow   on          set");
        assertThat(run("show", "--bot", "123456").output())
                .containsPattern("bot +25 +1s .* set +shadow")
                .containsPattern("replies +60 +1s .* set +shadow");
        assertThat(run("set", "--bot", "123456", "--enforce", "--global", "settings", "--json")
                        .output())
                .contains("\"bot\":{", "\"30/1s\"", "\"settings\"", "\"on\":false");
        assertThat(run("unset", "--bot", "123456").output()).contains("user     off         settings");
        assertThat(run("show", "--bot", "123456").output()).doesNotContain("replies", "shadow", " set ");
    }

    @Test
    void what_is_no_limit_of_a_bot_is_refused_before_anybody_is_asked() {
        for (String wrong : new String[] {"many", "0/1s", "10001/1s", "1/32d", "off", "1"}) {
            var refused = run("set", "--bot", "123456", "--global", wrong);
            assertThat(refused.code()).as(wrong).isEqualTo(2);
            assertThat(refused.output()).contains("--global is '" + wrong + "'; accepted: a limit such as 25/1s");
        }
        assertThat(run("set", "--bot", "123456").code()).isEqualTo(2);
        assertThat(run("set", "--bot", "123456", "--shadow", "--enforce").code())
                .isEqualTo(2);
        assertThat(run("set", "--bot", "123456", "payments", "--limit", "3").code())
                .isEqualTo(2);
        assertThat(run("set", "payments", "--limit", "3", "--per", "5m", "--chat", "1/1s")
                        .code())
                .isEqualTo(2);
        assertThat(run("set", "--global", "1/1s").code()).isEqualTo(2);
        assertThat(run("unset").code()).isEqualTo(2);
        assertThat(run("show", "--bot", "123456").output()).doesNotContain(" set ");
    }

    @Test
    void what_is_wrongly_asked_or_not_done_ends_with_another_code_and_says_why() throws Exception {
        assertThat(run("set", "payments", "--limit", "3").code()).isEqualTo(2);
        var span = run("set", "payments", "--limit", "3", "--per", "soon");
        assertThat(span.code()).isEqualTo(2);
        assertThat(span.output()).contains("'soon' is no length of time: seconds, or 500ms, 30s, 5m, 1h, 1d");
        for (String per : List.of("999999999999d", "0", "32d", "2678400001ms", "-5s", "")) {
            var wrong = run("set", "payments", "--limit", "3", "--per", per);
            assertThat(wrong.code()).as(per).isEqualTo(2);
            assertThat(wrong.output()).doesNotContain("Exception");
        }
        assertThat(run("set", "payments", "--limit", "3", "--per", "999999999999d")
                        .output())
                .contains("'999999999999d' must be 1ms to 31d");
        assertThat(run("show", "").code()).isNotZero();
        assertThat(run("remove", "").code()).isNotZero();
        assertThat(run("show", "--subject", "x").code()).isEqualTo(2);
        var named = run("set", "Payments", "--limit", "3", "--per", "5m");
        assertThat(named.code()).as("found by the server").isEqualTo(2);
        assertThat(named.output()).contains("name must be 1 to 32 of a-z, 0-9, _ and -");
        var large = run("set", "payments", "--limit", "99999999999", "--per", "5m");
        assertThat(large.code()).isEqualTo(2);
        assertThat(large.output()).contains("/limit must be a whole number from 1 to 1000000");
        var high = run("set", "payments", "--limit", "10001", "--per", "5m");
        assertThat(high.code()).isEqualTo(2);
        assertThat(high.output()).contains("/limit must be 1 to 10000 without a burst");
        var gone = run("remove", "payments");
        assertThat(gone.code()).isEqualTo(1);
        assertThat(gone.output()).contains("No such limit is defined");
    }

    private void acquire(String name, String body) throws Exception {
        assertThat(send("POST", "/v1/limits/" + name + "/acquire", body).statusCode())
                .isEqualTo(200);
    }
}
