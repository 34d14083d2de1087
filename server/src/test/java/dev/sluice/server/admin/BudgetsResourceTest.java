package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.budget.Budget;
import dev.sluice.budget.Budgets;
import dev.sluice.budget.Whitelist;
import dev.sluice.server.admin.AdminFixture.Answer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Users' messages over HTTP, on the budgets in memory. */
class BudgetsResourceTest {
    private final AtomicLong clock = new AtomicLong(1_800_000_000_000_000L);
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new BudgetsResource(
                    Budgets.inMemory(clock::get),
                    Budget.of("messages", 2, Duration.ofDays(1)).withWhitelist(Whitelist.of(List.of("7", "ann")))));

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void a_message_is_asked_for_and_each_answer_says_what_is_left_and_until_when() throws Exception {
        JsonNode first = consume(42, "{}").json();
        assertThat(first.path("allowed").asBoolean()).isTrue();
        assertThat(first.path("exempt").asBoolean()).isFalse();
        assertThat(first.path("count").asInt()).isEqualTo(1);
        assertThat(first.path("limit").asInt()).isEqualTo(2);
        assertThat(first.path("remaining").asInt()).isEqualTo(1);
        assertThat(first.path("resets_at").asString()).isEqualTo("2027-01-16T08:00:00Z");
        assertThat(first.path("resets_in_ms").asLong()).isEqualTo(86_400_000);
        assertThat(first.path("complete").asBoolean()).isTrue();

        clock.addAndGet(500);
        assertThat(consume(42, "{\"username\":null}")
                        .json()
                        .path("resets_in_ms")
                        .asLong())
                .as("rounded up")
                .isEqualTo(86_400_000);
        Answer third = consume(42, "{\"user\":42}");
        assertThat(third.status()).isEqualTo(200);
        assertThat(third.json().path("allowed").asBoolean()).isFalse();
        assertThat(third.json().path("rejected").asInt()).isEqualTo(1);
        assertThat(third.json().path("remaining").asInt()).isZero();
    }

    @Test
    void a_body_may_be_left_out() throws Exception {
        var bare = api.send("POST", "/v1/budgets/42/consume", "");
        assertThat(bare.status()).isEqualTo(200);
        assertThat(bare.json().path("remaining").asInt()).isEqualTo(1);

        assertThat(api.send("POST", "/v1/budgets/42/consume", "username=ann").type())
                .isEqualTo("media-type");
        assertThat(api.send("POST", "/v1/budgets/42/grant", "").type()).isEqualTo("media-type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ann", "@Ann", " @ANN "})
    void who_is_on_the_whitelist_by_name_is_exempt_and_counted(String username) throws Exception {
        for (int i = 1; i <= 4; i++) {
            var json = consume(42, "{\"username\":\"" + username + "\"}").json();
            assertThat(json.path("allowed").asBoolean()).isTrue();
            assertThat(json.path("exempt").asBoolean()).isTrue();
            assertThat(json.path("count").asInt()).isEqualTo(i);
            assertThat(json.toString()).doesNotContainIgnoringCase("ann");
        }
        assertThat(consume(7, "{}").json().path("exempt").asBoolean()).isTrue();
    }

    @Test
    void a_user_is_shown_granted_more_and_reset() throws Exception {
        JsonNode nothing = api.get("/v1/budgets/42").json();
        assertThat(nothing.path("remaining").asInt()).isEqualTo(2);
        assertThat(nothing.path("resets_at").isNull()).isTrue();
        assertThat(nothing.path("resets_in_ms").asInt()).isZero();
        consume(42, "{}");

        var granted = api.json("POST", "/v1/budgets/42/grant", "{\"messages\":5}");
        assertThat(granted.json().path("bonus").asInt()).isEqualTo(5);
        assertThat(granted.json().path("remaining").asInt()).isEqualTo(6);
        assertThat(api.get("/v1/budgets/42").json()).isEqualTo(granted.json());

        assertThat(api.send("DELETE", "/v1/budgets/42", "").status()).isEqualTo(204);
        assertThat(api.send("DELETE", "/v1/budgets/42", "").status()).isEqualTo(204);
        assertThat(api.get("/v1/budgets/42").json()).isEqualTo(nothing);
    }

    @Test
    void users_are_listed_page_by_page() throws Exception {
        for (long user = 1; user <= 7; user++) {
            consume(user, "{}");
        }
        consume(Long.MAX_VALUE, "{}");
        consume(Long.MAX_VALUE - 1, "{}");
        var found = new HashSet<Long>();
        var cursor = "";
        do {
            var page = api.get("/v1/budgets?limit=4" + cursor).json();
            page.path("budgets").forEach(budget -> found.add(budget.path("user").asLong()));
            cursor = page.path("next_cursor").isString()
                    ? "&cursor=" + page.path("next_cursor").asString()
                    : "";
        } while (!cursor.isEmpty());
        assertThat(found).containsOnly(1L, 2L, 3L, 4L, 5L, 6L, 7L, Long.MAX_VALUE - 1, Long.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "GET | /v1/budgets/0 | ' ' | user | must be a whole number from 1",
                "GET | /v1/budgets/ann | ' ' | user | must be a whole number from 1",
                "GET | /v1/budgets?cursor=next | ' ' | cursor | must be the next_cursor of an earlier page",
                "GET | /v1/budgets?cursor=5-17 | ' ' | cursor | must be the next_cursor of an earlier page",
                "GET | /v1/budgets?cursor=9999999999999999999 | ' ' | cursor | must be the next_cursor of an earlier page",
                "GET | /v1/budgets?limit=201 | ' ' | limit | must be a whole number from 1 to 200",
                "POST | /v1/budgets/42/consume | {'user':43} | /user | must be the user of the path",
                "POST | /v1/budgets/42/consume | {'username':'Ann Lee'} | /username | must be a text that matches",
                "POST | /v1/budgets/42/consume | {'name':'ann'} | '' | has an unknown member",
                "POST | /v1/budgets/42/grant | {'messages':0} | /messages | must be a whole number from 1 to 1000000000",
                "POST | /v1/budgets/42/grant | {} | /messages | is missing"
            })
    void what_is_malformed_is_said_and_changes_nothing(
            String method, String path, String body, String at, String problem) throws Exception {
        Answer answer = body.isBlank() || body.equals("' '")
                ? api.send(method, path, "")
                : api.json(method, path, body.replace('\'', '"'));

        assertThat(answer.type()).isEqualTo("malformed");
        assertThat(AdminFixture.errors(answer).get(at.replace("''", ""))).startsWith(problem);
        assertThat(api.get("/v1/budgets/42").json().path("resets_at").isNull()).isTrue();
    }

    private Answer consume(long user, String body) throws Exception {
        return api.json("POST", "/v1/budgets/" + user + "/consume", body);
    }
}
