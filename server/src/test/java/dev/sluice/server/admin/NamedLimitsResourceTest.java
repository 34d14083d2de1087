package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import dev.sluice.namedlimit.NamedLimit;
import dev.sluice.namedlimit.NamedLimits;
import dev.sluice.namedlimit.Passage;
import dev.sluice.namedlimit.PatientNamedLimits;
import dev.sluice.server.admin.AdminFixture.Answer;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Named limits over HTTP, on those in memory. */
class NamedLimitsResourceTest {
    private static final String PAYMENTS = "/v1/limits/payments";

    private final AtomicLong clock = new AtomicLong(1_800_000_000_000_000L);
    private final NamedLimits limits = NamedLimits.inMemory(clock::get);
    private final WaitingRoom room = new WaitingRoom(10);
    private final List<Passage> counted = new CopyOnWriteArrayList<>();
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new NamedLimitsResource(
                    limits, new PatientNamedLimits(limits, room, new Waiter("process1")), counted::add));

    @AfterEach
    void close() {
        api.close();
        room.close();
    }

    @Test
    void a_limit_is_set_shown_listed_changed_and_removed() throws Exception {
        JsonNode set = put("{\"limit\":3,\"window_ms\":300000}").json();
        assertThat(set.toString())
                .isEqualTo("{\"name\":\"payments\",\"limit\":3,\"window_ms\":300000,\"burst\":null,\"shadow\":false}");
        assertThat(api.get("/v1/limits").json().path("limits").path(0)).isEqualTo(set);
        acquire("{\"weight\":2}");
        JsonNode shown = api.get(PAYMENTS).json();
        assertThat(shown.path("used").asInt()).isEqualTo(2);
        assertThat(shown.path("remaining").asInt()).isEqualTo(1);
        assertThat(shown.path("resets_in_ms").asLong()).isEqualTo(300_000);

        put("{\"limit\":600,\"window_ms\":60000,\"burst\":5,\"shadow\":true}");
        JsonNode smooth = api.get(PAYMENTS).json();
        assertThat(smooth.path("limit").asInt()).isEqualTo(600);
        assertThat(smooth.path("burst").asInt()).isEqualTo(5);
        assertThat(smooth.path("shadow").asBoolean()).isTrue();

        assertThat(api.send("DELETE", PAYMENTS, "").status()).isEqualTo(204);
        assertThat(api.send("DELETE", PAYMENTS, "").type()).isEqualTo("limit-unknown");
        assertThat(api.get(PAYMENTS).type()).isEqualTo("limit-unknown");
        assertThat(acquire("").type()).isEqualTo("limit-unknown");
        assertThat(api.get("/v1/limits").json().path("limits")).isEmpty();
    }

    @Test
    void who_may_pass_is_told_what_is_left_in_the_body_and_in_the_usual_headers() throws Exception {
        put("{\"limit\":2,\"window_ms\":1500}");

        Answer first = acquire("");
        assertThat(first.json().toString())
                .isEqualTo("{\"name\":\"payments\",\"allowed\":true,\"shadow_denied\":false,\"remaining\":1,"
                        + "\"resets_in_ms\":1500,\"retry_after_ms\":null,\"complete\":true}");
        assertThat(header(first, "RateLimit-Policy")).contains("\"payments\";q=2;w=2");
        assertThat(header(first, "RateLimit")).contains("\"payments\";r=1;t=2");
        assertThat(header(first, "Retry-After")).isEmpty();
        assertThat(counted).hasSize(1);
    }

    @Test
    void who_may_not_pass_is_told_so_with_200_and_when_to_come_back() throws Exception {
        put("{\"limit\":2,\"window_ms\":60000}");
        acquire("{\"weight\":2,\"subject\":\"Ann Lee\"}");
        clock.addAndGet(500_100);

        Answer denied = acquire("{\"subject\":\"Ann Lee\",\"wait_ms\":0}");
        assertThat(denied.status()).isEqualTo(200);
        assertThat(denied.json().toString())
                .isEqualTo("{\"name\":\"payments\",\"allowed\":false,\"shadow_denied\":false,\"remaining\":0,"
                        + "\"resets_in_ms\":null,\"retry_after_ms\":59500,\"complete\":true}");
        assertThat(header(denied, "RateLimit")).contains("\"payments\";r=0;t=60");
        assertThat(header(denied, "Retry-After")).contains("60");
        assertThat(acquire("{\"subject\":null}").json().path("allowed").asBoolean())
                .isTrue();
        assertThat(counted).hasSize(3).element(1).isInstanceOf(Passage.Denied.class);
    }

    @Test
    void in_shadow_mode_the_answer_says_who_would_have_been_denied() throws Exception {
        put("{\"limit\":1,\"window_ms\":60000,\"shadow\":true}");
        acquire("");

        Answer passed = acquire("");
        assertThat(passed.json().path("allowed").asBoolean()).isTrue();
        assertThat(passed.json().path("shadow_denied").asBoolean()).isTrue();
        assertThat(passed.json().path("retry_after_ms").asLong()).isEqualTo(60_000);
        assertThat(header(passed, "Retry-After")).isEmpty();
        assertThat(acquire("{\"weight\":7}").json().path("allowed").asBoolean()).isTrue();
    }

    @Test
    void what_weighs_more_than_ever_passes_is_an_error_at_once_whatever_the_wait() throws Exception {
        put("{\"limit\":2,\"window_ms\":60000}");

        Answer refused = acquire("{\"weight\":3,\"wait_ms\":10000}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.type()).isEqualTo("too-heavy");
        assertThat(refused.json().path("detail").asString()).isEqualTo("it lets 2 pass at once");
    }

    @Test
    void who_waits_in_vain_is_told_after_its_wait() throws Exception {
        put("{\"limit\":1,\"window_ms\":60000}");
        acquire("");

        Answer denied = acquire("{\"wait_ms\":30}");
        assertThat(denied.json().path("allowed").asBoolean()).isFalse();
        assertThat(denied.json().path("retry_after_ms").asLong()).isBetween(1L, 60_000L);
        assertThat(limits.usage(dev.sluice.namedlimit.Use.of("payments")).used())
                .isEqualTo(1);
    }

    @Test
    void who_hangs_up_waits_no_longer_and_is_not_charged() throws Exception {
        put("{\"limit\":1,\"window_ms\":60000}");
        acquire("");
        try (Socket leaving = api.connect()) {
            String body = "{\"wait_ms\":10000}";
            leaving.getOutputStream()
                    .write(("POST " + PAYMENTS
                                    + "/acquire HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(Duration.ofSeconds(9)).until(() -> room.size() == 1);
        }
        await().atMost(Duration.ofSeconds(9)).until(() -> room.size() == 0);
        assertThat(limits.usage(dev.sluice.namedlimit.Use.of("payments")).used())
                .isEqualTo(1);
    }

    @Test
    void a_subject_is_counted_apart_and_shown_when_asked_for_whatever_its_text() throws Exception {
        put("{\"limit\":3,\"window_ms\":60000}");
        acquire("{\"subject\":\"Ann & Lee/+?%\"}");

        String query = "?subject=" + URLEncoder.encode("Ann & Lee/+?%", StandardCharsets.UTF_8);
        Answer shown = api.get(PAYMENTS + query);
        assertThat(shown.json().path("used").asInt()).isEqualTo(1);
        assertThat(shown.json().toString()).doesNotContain("Ann");
        assertThat(api.get(PAYMENTS).json().path("used").asInt()).isZero();
    }

    @Test
    void limits_are_listed_page_by_page_and_there_may_be_so_many() throws Exception {
        for (int i = 0; i < NamedLimits.MOST_LIMITS; i++) {
            limits.define(NamedLimit.atMost("limit-" + i, 1, Duration.ofSeconds(1)));
        }
        var found = new ArrayList<String>();
        var cursor = "";
        do {
            var page = api.get("/v1/limits?limit=170" + cursor).json();
            page.path("limits").forEach(limit -> found.add(limit.path("name").asString()));
            cursor = page.path("next_cursor").isString()
                    ? "&cursor=" + page.path("next_cursor").asString()
                    : "";
        } while (!cursor.isEmpty());
        assertThat(found).hasSize(NamedLimits.MOST_LIMITS).isSorted().doesNotHaveDuplicates();
        assertThat(put("{\"limit\":3,\"window_ms\":1}").type()).isEqualTo("too-many-limits");
        assertThat(api.json("PUT", "/v1/limits/limit-7", "{\"limit\":3,\"window_ms\":1}")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "PUT | /v1/limits/Up | {'limit':1,'window_ms':1} | name | must be 1 to 32 of a-z, 0-9, _ and -",
                "PUT | /v1/limits/x | {'limit':0,'window_ms':1} | /limit | must be a whole number from 1 to 1000000",
                "PUT | /v1/limits/x | {'limit':1} | /window_ms | is missing",
                "PUT | /v1/limits/x | {'limit':1,'window_ms':2678400001} | /window_ms | must be a whole number from 1 to 2678400000",
                "PUT | /v1/limits/x | {'limit':1,'window_ms':1,'burst':0} | /burst | must be a whole number from 1 to 10000",
                "PUT | /v1/limits/x | {'limit':1,'window_ms':1,'shadow':'yes'} | /shadow | must be true or false",
                "PUT | /v1/limits/x | {'limit':10001,'window_ms':1} | /limit | must be 1 to 10000 without a burst",
                "PUT | /v1/limits/x | {'limit':1000000,'window_ms':1,'burst':1} | /limit | must be 10 times window_ms at most",
                "PUT | /v1/limits/x | {'limit':1,'window_ms':2678400000,'burst':10000} | /burst | would take longer than 366 days",
                "POST | /v1/limits/a%20b/acquire | {} | name | must be 1 to 32",
                "POST | /v1/limits/x/acquire | {'subject':''} | /subject | must be a text of 1 to 128 characters",
                "POST | /v1/limits/x/acquire | {'weight':0} | /weight | must be a whole number from 1 to 10000",
                "POST | /v1/limits/x/acquire | {'wait_ms':10001} | /wait_ms | must be a whole number from 0 to 10000",
                "POST | /v1/limits/x/acquire | {'wait':1} | '' | has an unknown member",
                "GET | /v1/limits?cursor=%2F | ' ' | cursor | must be the next_cursor",
                "GET | /v1/limits/x?subject= | ' ' | subject | must be 1 to 128 characters"
            })
    void what_is_malformed_is_said_and_changes_nothing(
            String method, String path, String body, String at, String problem) throws Exception {
        Answer answer = body.isBlank() || body.equals("' '")
                ? api.send(method, path, "")
                : api.json(method, path, body.replace('\'', '"'));

        assertThat(answer.type()).isEqualTo("malformed");
        assertThat(AdminFixture.errors(answer).get(at.replace("''", ""))).startsWith(problem);
        assertThat(limits.list()).isEmpty();
    }

    private Answer put(String body) throws Exception {
        return api.json("PUT", PAYMENTS, body);
    }

    private Answer acquire(String body) throws Exception {
        return body.isEmpty()
                ? api.send("POST", PAYMENTS + "/acquire", "")
                : api.json("POST", PAYMENTS + "/acquire", body);
    }

    private static Optional<String> header(Answer answer, String name) {
        return answer.http().headers().firstValue(name);
    }
}
