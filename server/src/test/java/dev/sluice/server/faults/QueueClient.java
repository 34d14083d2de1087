package dev.sluice.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.simulator.BotAccount;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A bot's program and its operator, on one gateway: sensible clients that know what may be repeated. Thread-safe. */
final class QueueClient implements AutoCloseable {
    /** Longer than any outage of a test. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Duration ONE_TRY = Duration.ofSeconds(20);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

    private final URI gateway;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger refusals = new AtomicInteger();

    QueueClient(URI gateway) {
        this.gateway = gateway;
    }

    /** How often something was not queued, or nobody knew. */
    int refusals() {
        return refusals.get();
    }

    /** Queues it, by as many tries as a sensible caller makes. */
    Fate queue(BotAccount bot, Draft draft) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            HttpResponse<String> answer = null;
            try {
                answer = tryOnce(bot, draft);
            } catch (IOException e) {
                // Nobody knows whether it was queued.
            }
            if (answer != null && answer.statusCode() == 202) {
                JsonNode json = JsonMapper.shared().readTree(answer.body());
                String id = json.has("sluice")
                        ? json.at("/sluice/id").asString()
                        : json.path("id").asString();
                return new Fate(draft, Optional.of(id), nowMicros());
            }
            if (answer != null && answer.statusCode() < 502) {
                throw new IllegalStateException(draft + " was answered " + answer.statusCode() + " " + answer.body());
            }
            refusals.incrementAndGet();
            boolean notQueued = answer != null && answer.body().contains("\"outcome\":\"not_sent\"");
            if (!notQueued && !draft.isKeyed()) {
                return new Fate(draft, Optional.empty(), nowMicros());
            }
            if (System.nanoTime() - start > PATIENCE.toNanos() || !goesOnAfter(BETWEEN_TRIES)) {
                throw new IllegalStateException(draft + " could not be queued: "
                        + (answer == null ? "no answer" : answer.statusCode() + " " + answer.body()));
            }
        }
    }

    /** One try. */
    HttpResponse<String> tryOnce(BotAccount bot, Draft draft) throws IOException, InterruptedException {
        return switch (draft.way()) {
            case CALL, KEYED_CALL -> {
                var call = post(
                                "/bot" + bot.token() + "/sendMessage",
                                Map.of("chat_id", draft.chat(), "text", draft.text()))
                        .header("Prefer", "respond-async")
                        .header("X-Sluice-Priority", draft.priority());
                if (draft.isKeyed()) {
                    call.header("Idempotency-Key", draft.text().replace(' ', '-'));
                }
                yield http.send(call.build(), BodyHandlers.ofString(UTF_8));
            }
            case MESSAGE, SURE_MESSAGE ->
                http.send(
                        post(
                                        "/v1/bots/" + bot.id() + "/messages",
                                        Map.of(
                                                "method",
                                                "sendMessage",
                                                "params",
                                                Map.of("chat_id", draft.chat(), "text", draft.text()),
                                                "priority",
                                                draft.priority(),
                                                "idempotency_key",
                                                draft.text(),
                                                "policy",
                                                draft.isSentAgain() ? "at-least-once" : "at-most-once"))
                                .build(),
                        BodyHandlers.ofString(UTF_8));
        };
    }

    /** Lets the gateway serve a bot, and workers send for it. */
    void register(BotAccount bot) throws InterruptedException {
        var token = post("/v1/bots", Map.of("token", bot.token())).build();
        awaitAnswer(token, Set.of(201, 409)); // 409: an answer that came too late was its first
    }

    void pause(BotAccount bot) throws InterruptedException {
        awaitAnswer(post("/v1/queue/" + bot.id() + "/pause", Map.of()).build(), Set.of(204));
    }

    void resume(BotAccount bot) throws InterruptedException {
        awaitAnswer(post("/v1/queue/" + bot.id() + "/resume", Map.of()).build(), Set.of(204));
    }

    QueueNumbers numbers(BotAccount bot) throws InterruptedException {
        return QueueNumbers.of(
                JsonMapper.shared().readTree(look("/v1/queue/" + bot.id()).body()));
    }

    /** Empty if nothing is known of it. */
    Optional<MessageSeen> message(String id) throws InterruptedException {
        var answer = look("/v1/messages/" + id);
        return answer.statusCode() == 404
                ? Optional.empty()
                : Optional.of(MessageSeen.of(JsonMapper.shared().readTree(answer.body())));
    }

    private HttpResponse<String> look(String path) throws InterruptedException {
        var request = HttpRequest.newBuilder(gateway.resolve(path)).timeout(ONE_TRY);
        return awaitAnswer(request.build(), Set.of(200, 404));
    }

    /** Asks until the answer is one of these: the store may be away. */
    private HttpResponse<String> awaitAnswer(HttpRequest request, Set<Integer> statuses) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            String why;
            try {
                var answer = http.send(request, BodyHandlers.ofString(UTF_8));
                if (statuses.contains(answer.statusCode())) {
                    return answer;
                }
                why = answer.statusCode() + " " + answer.body();
            } catch (IOException e) {
                why = e.toString();
            }
            if (System.nanoTime() - start > PATIENCE.toNanos() || !goesOnAfter(BETWEEN_TRIES)) {
                throw new IllegalStateException(request.uri().getPath() + " was answered " + why);
            }
        }
    }

    private HttpRequest.Builder post(String path, Map<String, ?> body) {
        return HttpRequest.newBuilder(gateway.resolve(path))
                .timeout(ONE_TRY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body)));
    }

    private boolean goesOnAfter(Duration time) throws InterruptedException {
        return !closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static long nowMicros() {
        return Instant.now().toEpochMilli() * 1_000;
    }

    @Override
    public void close() {
        closed.countDown();
        http.shutdownNow();
    }
}
