package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.cli.Program.Ran;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Bundles that are set aside from the command line: against a running server. */
class BundlesCommandTest extends ServerCommandFixture {
    private static final String BOT = "/v1/bundles/123456";

    BundlesCommandTest() {
        super("bundles", Map.of("SLUICE_TALKBUF_LOST_LEASES", "1"));
    }

    /** Whoever takes what these said dies. */
    private List<String> setAside(int... users) throws Exception {
        for (int user : users) {
            var body = "{\"chat\":" + user + ",\"message_id\":1,\"date\":1800000000,\"text\":\"/secret\"}";
            assertThat(send("POST", BOT, body).statusCode()).isEqualTo(202);
        }
        assertThat(send("GET", BOT + "?limit=32&lease_ms=1000", "").body()).contains("/secret");
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            send("GET", BOT, "");
            return listed().size() == users.length;
        });
        return listed();
    }

    private List<String> listed() throws Exception {
        return JsonMapper.shared()
                .readTree(run("aside", "list", "123456", "--json").output())
                .valueStream()
                .map(bundle -> bundle.path("id").asString())
                .toList();
    }

    @Test
    void bundles_that_are_set_aside_are_listed_requeued_and_purged() throws Exception {
        assertThat(run("aside", "list", "123456"))
                .isEqualTo(new Ran(0, "BUNDLE  CHAT  USER  REASON  LOST  FAILURES  MESSAGES  SINCE\n"));
        List<String> ids = setAside(7, 8, 9);

        Ran shown = process("aside", "list", "123456");
        assertThat(shown.code()).isZero();
        assertThat(shown.output())
                .containsPattern("(?m)^" + ids.getFirst() + "  7 +7 +lost +1 +0 +1 +\\S+Z$")
                .doesNotContain("secret");

        assertThat(run("aside", "requeue", "123456", ids.get(0), ids.get(1)))
                .isEqualTo(new Ran(0, "2 bundles requeued\n"));
        assertThat(listed()).containsExactly(ids.get(2));
        assertThat(send("GET", BOT + "?limit=32&lease_ms=1000", "").body()).contains(ids.get(0), ids.get(1));

        assertThat(run("aside", "purge", "123456", ids.get(2), ids.get(0)).output())
                .startsWith("sluice: 1 bundles purged, then " + ids.getFirst() + ": No such bundle is set aside");
        assertThat(run("aside", "purge", "123456", ids.get(2)).code()).isEqualTo(1);
        assertThat(listed()).isEmpty();
    }

    @Test
    void all_of_a_bot_are_requeued_and_purged_when_that_is_what_was_said() throws Exception {
        setAside(7, 8);
        assertThat(run("aside", "requeue", "99", "--all")).isEqualTo(new Ran(0, "0 bundles requeued\n"));
        assertThat(run("aside", "requeue", "123456", "--all", "--json")).isEqualTo(new Ran(0, "{\"changed\":2}\n"));
        assertThat(listed()).isEmpty();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            send("GET", BOT + "?limit=32&lease_ms=1000", "");
            return listed().size() == 2;
        });
        assertThat(run("aside", "purge", "123456", "--all")).isEqualTo(new Ran(0, "2 bundles purged\n"));
        assertThat(listed()).isEmpty();
    }

    @Test
    void what_was_wrongly_asked_changes_nothing() throws Exception {
        List<String> ids = setAside(7);
        for (String verb : List.of("requeue", "purge")) {
            assertThat(run("aside", verb, "123456").code()).isEqualTo(2);
            assertThat(run("aside", verb).code()).isEqualTo(2);
            assertThat(run("aside", verb, "123456", ids.getFirst(), "--all").code())
                    .isEqualTo(2);
            assertThat(run("aside", verb, "123456", "nonsense").code()).isEqualTo(2);
            assertThat(run("aside", verb, "x", ids.getFirst()).code()).isEqualTo(2);
        }
        assertThat(run("aside", "list", "-5").code()).isEqualTo(2);
        assertThat(listed()).isEqualTo(ids);
        assertThat(run("aside").output()).contains("requeue", "purge");
        assertThat(run().output()).contains("aside");
    }
}
