package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import dev.sluice.simulator.LedgerEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers that repeat, leave and lose their gateway; three gateways; one message. */
@Timeout(120)
class SentOnceByManyReplicasTest {
    private static final int REPLICAS = 3;
    private static final Duration LEASE = Duration.ofSeconds(5);

    @TempDir
    private static Path folder;

    private static FaultBench bench;
    private static long chats = 1;

    private final long chat = chats++;

    @BeforeAll
    static void start() {
        // Cold replicas on a busy machine are slow to hear Redis; how slow a Redis may be is another test's question.
        bench = new FaultBench(folder, RedisFixture.start(), REPLICAS, Map.of("REDIS_TIMEOUT", "2s"));
    }

    @AfterAll
    static void stop() {
        bench.close();
    }

    @BeforeEach
    void clear() {
        bench.telegram.faults().clear();
    }

    @Test
    void of_50_calls_at_once_with_one_key_on_3_replicas_one_is_sent_and_all_get_its_answer() throws Exception {
        var message = Message.of(chat, "paid").keyed("order-17").waiting(Duration.ofSeconds(20));
        var calls = new ArrayList<Future<Answer>>();
        for (int i = 0; i < 50; i++) {
            calls.add(bench.sending(i % REPLICAS, message));
        }
        var answers = new ArrayList<Answer>();
        for (Future<Answer> call : calls) {
            answers.add(call.get(60, TimeUnit.SECONDS));
        }

        assertThat(bench.received(chat)).hasSize(1);
        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers)
                .extracting(Answer::body)
                .containsOnly(answers.getFirst().body());
        assertThat(answers).filteredOn(answer -> !answer.replay()).hasSize(1);
    }

    @Test
    void a_caller_that_leaves_while_its_chat_is_parked_has_sent_nothing() throws Exception {
        nothingIsSentForACallerThatLeaves(5, Duration.ofMillis(500));
    }

    @Test
    @Tag("chaos")
    void a_caller_that_leaves_at_5_s_while_its_chat_is_parked_for_10_has_sent_nothing() throws Exception {
        nothingIsSentForACallerThatLeaves(10, Duration.ofSeconds(5));
    }

    private void nothingIsSentForACallerThatLeaves(int parkedSeconds, Duration staying) throws Exception {
        bench.telegram
                .faults()
                .add(FaultRule.of(new FaultEffect.TooManyRequests(parkedSeconds))
                        .onChat(chat)
                        .times(1));
        var wanted = Message.of(chat, "wanted").waiting(Duration.ofSeconds(20));
        Future<Answer> parked = bench.sending(0, wanted);
        await().until(() ->
                bench.telegram.ledger().flooded(bench.bot.id()).stream().anyMatch(entry -> entry.chat() == chat));

        try (Socket leaving = post(1, Message.of(chat, "unwanted").waiting(Duration.ofSeconds(20)))) {
            leaving.setSoTimeout(Math.toIntExact(staying.toMillis()));
            assertThat(read(leaving)).as("no answer as long as it stays").isEmpty();
        }

        assertThat(parked.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
        // The next one is behind it in line: had it still been there, it would have been sent before.
        assertThat(bench.send(1, Message.of(chat, "next").waiting(Duration.ofSeconds(20)))
                        .status())
                .isEqualTo(200);
        assertThat(bench.received(chat)).extracting(LedgerEntry::text).containsExactly("wanted", "next");
    }

    @Test
    void what_telegram_accepted_and_answers_late_is_not_sent_again_for_a_caller_that_left_and_repeats()
            throws Exception {
        aLateAnswerReachesTheRepeat(Duration.ofSeconds(6), Duration.ofMillis(500));
    }

    @Test
    @Tag("chaos")
    void what_telegram_accepted_and_answers_7_s_late_is_not_sent_again_for_a_caller_that_left_and_repeats()
            throws Exception {
        aLateAnswerReachesTheRepeat(Duration.ofSeconds(7), Duration.ofSeconds(5));
    }

    private void aLateAnswerReachesTheRepeat(Duration late, Duration staying) throws Exception {
        bench.telegram
                .faults()
                .add(FaultRule.of(new FaultEffect.SlowAnswer(late)).onChat(chat).times(1));
        var message = Message.of(chat, "once").waiting(Duration.ofSeconds(20));
        try (Socket first = post(0, message)) {
            await().until(() -> !bench.received(chat).isEmpty());
            first.setSoTimeout(Math.toIntExact(staying.toMillis()));
            assertThat(read(first)).isEmpty();
        }

        Answer repeat = bench.send(1, message);

        assertThat(repeat.status()).isEqualTo(200);
        assertThat(repeat.replay()).isTrue();
        assertThat(bench.received(chat)).hasSize(1);
        assertThat(bench.send(2, message).replay())
                .as("exactly one twin gets it")
                .isFalse();
        assertThat(bench.received(chat)).hasSize(2);
    }

    @Test
    void what_telegram_accepted_and_never_answers_is_unknown_to_every_repeat() throws Exception {
        whatIsNeverAnsweredIsUnknown(Duration.ofSeconds(1));
    }

    @Test
    @Tag("chaos")
    void what_telegram_accepted_and_never_answers_for_7_s_is_unknown_to_every_repeat() throws Exception {
        whatIsNeverAnsweredIsUnknown(Duration.ofSeconds(7));
    }

    private void whatIsNeverAnsweredIsUnknown(Duration silence) throws Exception {
        bench.telegram
                .faults()
                .add(FaultRule.of(new FaultEffect.HangAfter(silence))
                        .onChat(chat)
                        .times(1));
        var message = Message.of(chat, "once").waiting(Duration.ofSeconds(20));
        Future<Answer> first = bench.sending(0, message);
        await().until(() -> !bench.received(chat).isEmpty());
        var repeats = List.of(bench.sending(1, message), bench.sending(2, message), bench.sending(0, message));

        assertThat(first.get(60, TimeUnit.SECONDS).status()).isEqualTo(504);
        for (Future<Answer> repeat : repeats) {
            assertThat(repeat.get(60, TimeUnit.SECONDS).body()).contains("\"outcome\":\"unknown\"");
        }
        assertThat(bench.received(chat)).hasSize(1);
    }

    @Test
    void a_gateway_killed_amid_traffic_costs_at_most_the_answers_of_what_it_was_sending() throws Exception {
        int victim = bench.add(Map.of());
        var traffic = Traffic.over(bench, 8, -chat, Duration.ofSeconds(2));
        var slow = Message.of(chat, "in flight").keyed("in flight").waiting(Duration.ofSeconds(20));
        bench.telegram
                .faults()
                .add(FaultRule.of(new FaultEffect.HangAfter(Duration.ofSeconds(30)))
                        .onChat(chat)
                        .times(1));
        Future<Answer> inFlight = bench.sending(victim, slow);
        await().until(() -> !bench.received(chat).isEmpty());

        bench.gateway(victim).kill();
        int before = traffic.told();

        assertThat(inFlight.get(10, TimeUnit.SECONDS).status()).isEqualTo(Answer.NONE);
        Answer repeat = bench.send(0, slow);
        assertThat(repeat.isUnknown()).as(repeat.body()).isTrue();
        assertThat(repeat.took()).isLessThan(LEASE.plusSeconds(3));
        assertThat(bench.received(chat)).hasSize(1);
        await().atMost(Duration.ofSeconds(20)).until(() -> traffic.told() > before + 20);
        new Books(bench, traffic.stop()).nothingIsDoubledOrLost();
    }

    /** A caller that writes its call and may leave. */
    private static Socket post(int replica, Message message) throws IOException {
        URI url = bench.url(replica, "sendMessage");
        String body = FaultBench.form(message);
        var head = new StringBuilder("POST " + url.getPath() + " HTTP/1.1\r\nHost: gateway\r\n");
        message.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        head.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + body.length() + "\r\n\r\n");
        var socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort());
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** What comes within the socket's patience. */
    private static String read(Socket socket) throws IOException {
        try {
            return Integer.toString(socket.getInputStream().read());
        } catch (java.net.SocketTimeoutException e) {
            return "";
        }
    }
}
