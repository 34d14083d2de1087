package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Dispatch;
import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Reply;
import dev.sluice.server.gateway.FakeDelivery.Signed;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callers of metered methods are told. */
class MeteredAnswersTest {
    private final FakeDelivery delivery = new FakeDelivery();
    private final RawUpstream upstream;
    private final GatewayFixture gateway;

    MeteredAnswersTest() throws IOException {
        upstream = new RawUpstream();
        gateway = new GatewayFixture(upstream.url(), delivery, s -> s, s -> s, GatewayEvents.NONE);
        gateway.tokens.trust(Accounts.BOT);
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        upstream.close();
    }

    @Test
    void telegrams_own_answer_comes_back_as_it_is() throws Exception {
        String refusal = "{\"ok\":false,\"error_code\":403,\"description\":\"Forbidden: bot was blocked by the user\"}";
        upstream.onCalls((request, wire) -> wire.answer(403, refusal));

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":1}");

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).isEqualTo(refusal);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }

    @Test
    void html_from_upstream_becomes_an_envelope() throws Exception {
        upstream.onCalls((request, wire) ->
                wire.answer(502, "text/html", "<html>Bad Gateway</html>".getBytes(StandardCharsets.UTF_8)));
        delivery.script = (call, caller, sender) ->
                sender.send(Dispatch.unwatched()) instanceof dev.sluice.delivery.Attempt.Answered(Reply reply)
                        ? new Outcome.Refused(reply)
                        : new Outcome.Withdrawn();

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":1}");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).startsWith("{\"ok\":false,\"error_code\":502");
    }

    @Test
    void the_table_of_answers() throws Exception {
        Reply reply = Reply.of(200, RawUpstream.OK.getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> duplicate = afterwards(new Outcome.Duplicate(reply));
        assertThat(duplicate.statusCode()).isEqualTo(200);
        assertThat(duplicate.body()).isEqualTo(RawUpstream.OK);
        assertThat(duplicate.headers().firstValue("Idempotent-Replay")).contains("true");

        HttpResponse<String> limited = afterwards(new Outcome.RateLimited("chat", Duration.ofMillis(1001)));
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("Retry-After")).contains("2");
        assertThat(limited.body())
                .contains(
                        "\"error_code\":429",
                        "\"retry_after\":2",
                        "\"scope\":\"chat\"",
                        "Too Many Requests: retry after 2");

        HttpResponse<String> twin = afterwards(new Outcome.TwinInFlight(Duration.ZERO));
        assertThat(twin.statusCode()).isEqualTo(429);
        assertThat(twin.headers().firstValue("Retry-After")).contains("1");

        assertThat(afterwards(new Outcome.NotReached("connect")).statusCode()).isEqualTo(502);
        HttpResponse<String> unknown = afterwards(new Outcome.Unknown("timeout", "id-1"));
        assertThat(unknown.statusCode()).isEqualTo(504);
        assertThat(unknown.body()).contains("\"sluice\":{\"outcome\":\"unknown\",\"id\":\"id-1\"}");
        HttpResponse<String> closed = afterwards(new Outcome.StoreUnavailable(Duration.ofMillis(1500)));
        assertThat(closed.statusCode()).isEqualTo(503);
        assertThat(closed.headers().firstValue("Retry-After")).contains("2");
        assertThat(afterwards(new Outcome.Mismatch()).statusCode()).isEqualTo(422);
        assertThat(afterwards(new Outcome.Withdrawn()).statusCode()).isEqualTo(503);
        await().untilAsserted(() -> assertThat(delivery.receipts).hasSize(8).containsOnly(Signed.ANSWERED));
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void a_bug_in_the_pipeline_is_an_incident_and_not_a_stack_trace() throws Exception {
        delivery.script = (call, caller, sender) -> {
            throw new IllegalStateException("inner secrets");
        };

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":1}");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body())
                .startsWith("{\"ok\":false")
                .contains("incident")
                .doesNotContain("inner secrets", "Exception", "at dev.");
        await().untilAsserted(() -> assertThat(gateway.gateway.inFlight()).isZero());
    }

    @Test
    void an_error_in_the_pipeline_leaves_no_caller_hanging() throws Exception {
        delivery.script = (call, caller, sender) -> {
            throw new AssertionError("as bad as an OutOfMemoryError");
        };

        assertThatThrownBy(() -> gateway.json("sendMessage", "{\"chat_id\":1}")).isInstanceOf(IOException.class);
        // The call's thread may still be about to die of its error.
        await().dontCatchUncaughtExceptions()
                .untilAsserted(() -> assertThat(gateway.gateway.inFlight()).isZero());
    }

    private HttpResponse<String> afterwards(Outcome outcome) throws Exception {
        delivery.always(outcome);
        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":1}");
        assertThat(answer.body()).startsWith("{\"ok\":");
        return answer;
    }
}
