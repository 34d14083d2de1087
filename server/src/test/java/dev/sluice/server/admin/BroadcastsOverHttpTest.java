package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.broadcast.BroadcastId;
import dev.sluice.broadcast.BroadcastSettings;
import dev.sluice.broadcast.BroadcastStore;
import dev.sluice.broadcast.Broadcasts;
import dev.sluice.broadcast.Feeding;
import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Ending;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.OwnRules;
import dev.sluice.server.bots.TokenCheck;
import dev.sluice.server.broadcast.Uploads;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.ChatId;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Broadcasts over HTTP, on the real store in memory, fed by hand. */
class BroadcastsOverHttpTest {
    private static final BotId BOT = new BotId(123456);
    private static final String PATH = "/v1/bots/123456/broadcasts";
    private static final String TEMPLATE = "{\"method\":\"sendMessage\",\"params\":{\"text\":\"private words\"}}\n";

    private final AtomicLong clock = new AtomicLong(1_700_000_000_000_000L);
    private final KeyRing keys = KeyRing.random();
    private final MessageQueue queue = MessageQueues.inMemory(
            clock::get,
            RateLimiters.inMemory(clock::get),
            bot -> TelegramLimits.DOCUMENTED,
            QueueSettings.DEFAULT,
            new Random(1));
    private final BroadcastStore store = Broadcasts.inMemory(queue, clock::get, BroadcastSettings.DEFAULT.withMost(2));
    private final Bots bots = Bots.inMemory(
            keys, token -> new TokenCheck.Verdict.Valid("shop_bot"), bot -> BotRules.NONE, InstantSource.system());
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new BroadcastsResource(store, new Uploads(store, keys, bot -> {}), bots, keys, false, () -> {}));

    @BeforeEach
    void register() {
        bots.add(BotToken.parse("123456:AAE-any-token-of-this-form-will-do_").orElseThrow(), OwnRules.NONE);
    }

    @AfterEach
    void close() {
        api.close();
    }

    private AdminFixture.Answer upload(String body) throws Exception {
        return api.send("POST", PATH, body, "Content-Type", "application/x-ndjson");
    }

    private String started(String recipients) throws Exception {
        var answer = upload(TEMPLATE + recipients);
        assertThat(answer.status()).isEqualTo(202);
        clock.incrementAndGet();
        return answer.json().path("id").asString();
    }

    private void feed(String id, int recipients) {
        store.feed(
                BroadcastId.parse(id).orElseThrow(),
                IntStream.range(0, recipients)
                        .mapToObj(i -> new Feeding(i, Optional.of(NewMessage.to(ChatId.of(i + 1), new byte[0]))))
                        .toList());
    }

    private void sendOne() {
        var message = queue.claim(BOT, 1).messages().getFirst();
        queue.settle(BOT, List.of(message.ends(new Ending.Sent(new byte[0]))));
    }

    @Test
    void an_upload_becomes_a_broadcast_that_is_shown_and_listed() throws Exception {
        var answer = upload(TEMPLATE + "1\n2\n{\"chat_id\":3,\"text\":\"own\"}\n2\n");

        assertThat(answer.status()).isEqualTo(202);
        var id = answer.json().path("id").asString();
        assertThat(answer.http().headers().firstValue("Location")).contains("/v1/broadcasts/" + id);
        assertThat(answer.json().path("accepted").asInt()).isEqualTo(3);
        assertThat(answer.json().path("duplicates").asInt()).isEqualTo(1);
        assertThat(answer.json().path("durable").asBoolean()).isFalse();
        var shown = api.get("/v1/broadcasts/" + id);
        assertThat(shown.json().path("status").asString()).isEqualTo("running");
        assertThat(shown.json().path("pending").asInt()).isEqualTo(3);
        assertThat(shown.http().body()).doesNotContain("private");

        clock.incrementAndGet();
        var newer = started("1");
        var first = api.get(PATH + "?limit=1").json();
        assertThat(first.at("/broadcasts/0/id").asString()).isEqualTo(newer);
        var second = api.get(
                        PATH + "?limit=1&cursor=" + first.path("next_cursor").asString())
                .json();
        assertThat(second.at("/broadcasts/0/id").asString()).isEqualTo(id);
    }

    @Test
    void a_bad_line_is_named_by_its_number_and_nothing_is_kept() throws Exception {
        var answer = upload(TEMPLATE + "1\n2\nprivate\n4\n");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(AdminFixture.errors(answer)).containsOnlyKeys("line 4");
        assertThat(answer.http().body()).contains("a chat's id").doesNotContain("private");
        assertThat(upload(TEMPLATE).status()).as("nobody").isEqualTo(400);
        assertThat(upload("{}").status()).as("no template").isEqualTo(400);
        assertThat(store.list(BOT, OptionalLong.empty(), 10)).isEmpty();
    }

    @Test
    void another_media_type_is_refused_and_so_is_a_bot_without_a_token() throws Exception {
        assertThat(api.json("POST", PATH, TEMPLATE + "1").status()).isEqualTo(415);
        var answer =
                api.send("POST", "/v1/bots/777/broadcasts", TEMPLATE + "1", "Content-Type", "application/x-ndjson");
        assertThat(answer.type()).isEqualTo("bot-without-token");
    }

    @Test
    void a_long_upload_that_is_refused_early_is_still_told_why() throws Exception {
        String many = IntStream.range(1, 300_000).mapToObj(Integer::toString).collect(Collectors.joining("\n"));

        var answer = upload(TEMPLATE + "wrong\n" + many);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(AdminFixture.errors(answer)).containsOnlyKeys("line 2");
    }

    @Test
    void an_upload_that_breaks_off_leaves_nothing() throws Exception {
        try (var socket = api.connect()) {
            socket.getOutputStream()
                    .write(("POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                                    + "Content-Length: 100000\r\n\r\n" + TEMPLATE + "1\n2\n")
                            .getBytes(US_ASCII));
        }

        // Another upload is read after it, at most two at a time: so those that broke off have let go.
        for (int i = 0; i < 3; i++) {
            await().until(() -> upload(TEMPLATE + "nobody").status() == 400);
        }
        assertThat(store.list(BOT, OptionalLong.empty(), 10)).isEmpty();
    }

    @Test
    void one_key_starts_one_and_too_many_are_refused() throws Exception {
        String keyed = TEMPLATE.replace("\"method\"", "\"idempotency_key\":\"k\",\"method\"");
        var first = upload(keyed + "1\n2").json().path("id").asString();
        clock.incrementAndGet();

        var again = upload(keyed + "1\n2");
        assertThat(again.json().path("id").asString()).isEqualTo(first);
        assertThat(again.json().path("outcome").asString()).isEqualTo("duplicate");
        assertThat(upload(keyed + "1\n3").type()).isEqualTo("key-mismatch");
        started("1");
        assertThat(upload(TEMPLATE + "1").type()).isEqualTo("too-many-broadcasts");
    }

    @Test
    void it_is_paused_resumed_and_cancelled_and_results_say_what_became_of_whom() throws Exception {
        var id = started("11\n12\n13\n14");
        feed(id, 3);
        sendOne();

        var paused = api.send("POST", "/v1/broadcasts/" + id + "/pause", "");
        assertThat(paused.json().path("status").asString()).isEqualTo("paused");
        assertThat(paused.json().path("queued").asInt()).isZero();
        assertThat(paused.json().path("sent").asInt()).isEqualTo(1);
        assertThat(api.send("POST", "/v1/broadcasts/" + id + "/resume", "").status())
                .isEqualTo(200);
        var cancelled = api.send("POST", "/v1/broadcasts/" + id + "/cancel", "").json();
        assertThat(cancelled.at("/failed/cancelled").asInt()).isEqualTo(3);
        assertThat(cancelled.path("ended").isNull()).isFalse();
        assertThat(api.send("POST", "/v1/broadcasts/" + id + "/resume", "").type())
                .isEqualTo("broadcast-ended");

        var page = api.get("/v1/broadcasts/" + id + "/results?limit=3").json();
        assertThat(page.at("/results/0/chat_id").asInt()).isEqualTo(11);
        assertThat(page.at("/results/0/outcome").asString()).isEqualTo("sent");
        var rest = api.get("/v1/broadcasts/" + id + "/results?limit=3&cursor="
                        + page.path("next_cursor").asString())
                .json();
        assertThat(rest.at("/results/0/chat_id").asInt()).isEqualTo(14);
        assertThat(rest.path("next_cursor").isNull()).isTrue();
        var sent = api.get("/v1/broadcasts/" + id + "/results?outcome=sent").json();
        assertThat(sent.path("results").size()).isEqualTo(1);
        assertThat(api.get("/v1/broadcasts/" + id + "/results?outcome=lost").status())
                .isEqualTo(400);
    }

    @Test
    void one_that_is_not_there_is_not_found() throws Exception {
        for (String path : List.of("", "/results")) {
            assertThat(api.get("/v1/broadcasts/123456-1iq3hbv8g00" + path).type())
                    .isEqualTo("broadcast-unknown");
        }
        assertThat(api.send("POST", "/v1/broadcasts/123456-1iq3hbv8g00/cancel", "")
                        .type())
                .isEqualTo("broadcast-unknown");
    }
}
