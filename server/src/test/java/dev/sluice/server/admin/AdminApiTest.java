package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.server.admin.AdminFixture.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What holds for every resource, over real HTTP. */
class AdminApiTest extends CupsFixture {
    @Test
    void what_fits_its_description_reaches_its_operation() throws Exception {
        var answer = open.json("POST", "/v1/cups/3", "{\"kind\":\"green\",\"sugar\":null,\"with\":[true]}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("cup").asInt()).isEqualTo(3);
        assertThat(answer.json().path("kind").asString()).isEqualTo("green");
        assertThat(answer.http().headers().firstValue("Cache-Control")).contains("no-store");
    }

    @Test
    void all_that_is_wrong_is_said_at_once_and_nothing_that_was_sent_is_repeated() throws Exception {
        var answer = open.json(
                "POST",
                "/v1/cups/77?size=large",
                "{\"kind\":\"" + SECRET + "\",\"sugar\":4,\"with\":[1,true],\"" + SECRET + "\":1}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.type()).isEqualTo("malformed");
        assertThat(AdminFixture.errors(answer)).containsOnlyKeys("cup", "query", "/kind", "/sugar", "/with/0", "");
        assertThat(answer.http().body()).doesNotContain("AAE", "large");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/cups?limit=%,limit",
        "/v1/cups/tea/%D9%A3,cup",
        "/v1/cups/tea/+3,cup",
        "/v1/cups/tea/%,cup",
        "/v1/cups/tea/3?cup=4,query"
    })
    void what_is_written_wrong_in_a_url_is_malformed_and_no_defect(String url, String at) throws Exception {
        String answer = raw(url);

        assertThat(answer).startsWith("HTTP/1.1 400 ");
        JsonNode problem = JsonMapper.shared().readTree(answer.substring(answer.indexOf("\r\n\r\n")));
        assertThat(AdminFixture.errors(problem)).containsOnlyKeys(at);
    }

    @Test
    void probes_may_send_what_they_like() throws Exception {
        assertThat(raw("/probe?%=%ff")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void paths_and_methods_that_are_not_there_are_told_from_each_other() throws Exception {
        assertThat(open.get("/v1/plates").type()).isEqualTo("not-found");
        assertThat(open.get("/v1").type()).isEqualTo("not-found");
        assertThat(open.get("/v1/cups/3/handle").type()).isEqualTo("not-found");

        var answer = open.get("/v1/cups/3");
        assertThat(answer.type()).isEqualTo("method-not-allowed");
        assertThat(answer.http().headers().firstValue("Allow")).contains("PATCH, POST");
        assertThat(open.send("OPTIONS", "/v1/cups", "").http().headers().firstValue("Allow"))
                .contains("GET, HEAD");
        assertThat(open.send("HEAD", "/v1/cups", "").status()).isEqualTo(200);
    }

    @Test
    void a_cursor_is_one_that_was_given() throws Exception {
        var answer = open.get("/v1/cups?limit=7&cursor=" + Paging.after(42));
        assertThat(answer.json().path("limit").asInt()).isEqualTo(7);
        assertThat(answer.json().path("after").asInt()).isEqualTo(42);

        for (String query : List.of(
                "cursor=42",
                "cursor=%FF",
                "limit=+7",
                "limit=%2B7",
                "limit=%D9%A7",
                "limit=0",
                "limit=201",
                "limit=x",
                "limit=1&limit=2")) {
            assertThat(open.get("/v1/cups?" + query).type()).as(query).isEqualTo("malformed");
        }
    }

    @ParameterizedTest
    @CsvSource({"%zz", "%", "ann%e", "%FF", "%C3", "%ED%A0%80"})
    void what_is_no_percent_encoded_utf_8_in_a_query_is_refused_and_not_logged(String owner) throws Exception {
        var logger = (Logger) LoggerFactory.getLogger(AdminApi.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        logger.addAppender(lines);
        try {
            assertThat(raw("/v1/cups?limit=7&owner=" + owner))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("\"at\":\"owner\"", "must be percent-encoded UTF-8")
                    .doesNotContain(owner);
            assertThat(lines.list).as("who may have sent a secret").isEmpty();
        } finally {
            logger.detachAppender(lines);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ann|ann",
                "a%26b%3Dc+d%2Be|a&b=c d+e",
                "a=b|a=b",
                "%D0%B0%F0%9F%98%80|\u0430\uD83D\uDE00",
                "a;b|a;b"
            })
    void a_query_says_what_was_encoded(String encoded, String owner) throws Exception {
        assertThat(raw("/v1/cups?owner=" + encoded))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"owner\":\"" + owner + "\"");
    }

    @Test
    void a_name_that_is_encoded_wrongly_is_an_unknown_one() throws Exception {
        assertThat(raw("/v1/cups?%zz=1"))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"at\":\"query\"")
                .doesNotContain("zz");
        assertThat(raw("/v1/cups?&&limit=7&")).startsWith("HTTP/1.1 200 ");
    }

    /** As it is: HttpClient makes no request that is encoded wrongly. */
    private String raw(String target) throws IOException {
        try (var socket = open.connect()) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    void a_defect_shows_nothing_and_a_store_that_is_away_says_what_may_have_happened() throws Exception {
        for (String path : List.of("/v1/cups/broken", "/v1/cups/shattered")) {
            var defect = open.get(path);
            assertThat(defect.status()).isEqualTo(500);
            assertThat(defect.http().body()).doesNotContain("AAE");
        }

        var away = open.get("/v1/cups/lost");
        assertThat(away.type()).isEqualTo("store-unavailable");
        assertThat(away.http().headers().firstValue("Retry-After")).contains("1");
        assertThat(away.json().path("detail").asString()).contains("may have been made");
    }

    @Test
    void too_much_at_once_is_refused_and_probes_still_pass() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = IntStream.range(0, 64)
                    .mapToObj(i -> threads.submit(() -> open.get("/v1/cups/slow")))
                    .toList();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> open.get("/v1/cups").status() == 503);
            assertThat(open.get("/probe").status()).isEqualTo(200);
            hold.countDown();
            for (var one : waiting) {
                assertThat(one.get().status()).isIn(200, 503);
            }
        }
        assertThat(open.get("/v1/cups").status()).isEqualTo(200);
    }

    @Test
    void who_guesses_tokens_is_not_heard_for_a_minute_not_even_with_the_right_one() throws Exception {
        for (int i = 0; i < FailedAttempts.MOST; i++) {
            assertThat(with("wrong-" + i).type()).isEqualTo("unauthorized");
        }

        var refused = with(TOKEN);
        assertThat(refused.type()).isEqualTo("too-many-attempts");
        assertThat(refused.http().headers().firstValue("Retry-After")).contains("60");
        assertThat(guarded.get("/probe").status()).isEqualTo(200);
        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        assertThat(with(TOKEN).status()).isEqualTo(200);
    }

    @Test
    void who_shows_no_token_has_not_guessed() throws Exception {
        for (int i = 0; i < FailedAttempts.MOST + 1; i++) {
            var answer = guarded.get("/v1/cups");
            assertThat(answer.type()).isEqualTo("unauthorized");
            assertThat(answer.http().headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"sluice\"");
        }
        assertThat(with(TOKEN).status()).isEqualTo(200);
    }

    @Test
    void addresses_of_one_network_count_as_one_place_where_a_machine_has_many() {
        var attempts = new FailedAttempts(nanos::get);
        for (int i = 0; i < FailedAttempts.MOST; i++) {
            attempts.failed("2001:db8:1:2:0:0:0:" + i);
            attempts.failed("192.0.2." + i);
        }

        assertThat(attempts.closedFor("2001:db8:1:2:9:9:9:9")).contains(Duration.ofMinutes(1));
        assertThat(attempts.closedFor("2001:db8:1:3:0:0:0:0")).isEmpty();
        assertThat(attempts.closedFor("192.0.2.1")).isEmpty();
    }

    @Test
    void a_web_page_of_somebody_else_cannot_use_a_server_that_asks_for_no_token() throws Exception {
        var answer = open.send(
                "POST",
                "/v1/cups/3",
                "{\"kind\":\"green\"}",
                "Content-Type",
                "application/json",
                "Origin",
                "https://evil.example");

        assertThat(answer.type()).isEqualTo("forbidden");
    }

    @Test
    void the_description_has_every_operation_with_what_it_takes_and_answers() throws Exception {
        var api = open.get("/v1/openapi.json").json();

        assertThat(api.path("openapi").asString()).isEqualTo("3.1.0");
        assertThat(api.path("info").path("version").asString()).isEqualTo("1.2.3");
        assertThat(api.path("paths").propertyNames()).contains("/v1/cups", "/v1/cups/{cup}", "/probe");
        var fill = api.path("paths").path("/v1/cups/{cup}").path("post");
        assertThat(fill.at("/parameters/0/name").asString()).isEqualTo("cup");
        assertThat(fill.at("/parameters/0/schema/maximum").asInt()).isEqualTo(9);
        assertThat(fill.at("/requestBody/content/application~1json/schema/properties/kind/pattern")
                        .asString())
                .isEqualTo("^(?:[a-z]+)$");
        assertThat(fill.at("/requestBody/content/application~1json/schema/required/0")
                        .asString())
                .isEqualTo("kind");
        assertThat(fill.path("responses").propertyNames())
                .containsExactly("200", "400", "401", "403", "408", "413", "415", "429", "500", "503");
        assertThat(api.at("/paths/~1probe/get/security")).isEmpty();
        assertThat(api.at("/components/schemas/Problem/required/0").asString()).isEqualTo("type");
    }

    @Test
    void a_description_that_is_incomplete_or_there_twice_is_found_at_start() {
        assertThatThrownBy(() -> Operation.get("/v1/{thing}", "get", "").by(request -> AdminResponse.noContent()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("thing");
        var one = Operation.get("/v1/x", "get", "").by(request -> AdminResponse.noContent());
        assertThatThrownBy(() -> new Routes(List.of(one, one))).isInstanceOf(IllegalArgumentException.class);
    }

    private Answer with(String token) throws Exception {
        return guarded.get("/v1/cups", "Authorization", "Bearer " + token);
    }
}
