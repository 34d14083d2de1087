package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultsTest {
    private static final Simulator SIMULATOR =
            Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
    private static final BotAccount BOT = SIMULATOR.addBot(1000, "Shop");
    private static final Duration SHORT = Duration.ofMillis(80);
    private final Caller caller = new Caller(SIMULATOR, BOT.token());

    @AfterEach
    void heal() {
        SIMULATOR.faults().clear();
        SIMULATOR.ledger().clear();
    }

    @AfterAll
    static void close() {
        SIMULATOR.close();
    }

    @Test
    void a_reset_before_leaves_the_chat_without_the_message() {
        inject(new FaultEffect.ResetBefore());
        assertThat(Caller.failure(send())).isInstanceOf(IOException.class);
        assertThat(received()).isZero();
    }

    @Test
    void a_reset_after_leaves_the_chat_with_the_message() {
        inject(new FaultEffect.ResetAfter());
        assertThat(Caller.failure(send())).isInstanceOf(IOException.class);
        assertThat(received()).isEqualTo(1);
    }

    @Test
    void a_reset_is_one_on_the_wire() throws IOException {
        inject(new FaultEffect.ResetAfter());
        try (Socket socket = new Socket("127.0.0.1", SIMULATOR.url().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + caller.method("sendMessage").getPath()
                                    + "?chat_id=9&text=x HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            org.assertj.core.api.Assertions.assertThatThrownBy(in::read)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(received()).isEqualTo(1);
    }

    @Test
    void a_hang_before_is_silence_without_the_message() {
        inject(new FaultEffect.HangBefore(SHORT));
        assertThat(Caller.failure(send())).isInstanceOf(IOException.class);
        assertThat(received()).isZero();
    }

    @Test
    void a_hang_after_is_silence_with_the_message_there_at_once() {
        inject(new FaultEffect.HangAfter(Duration.ofMillis(400)));
        CompletableFuture<Caller.Reply> call = send();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> received() == 1);
        assertThat(Caller.failure(call)).isInstanceOf(IOException.class);
    }

    @Test
    void latency_delays_and_changes_nothing_else() {
        inject(new FaultEffect.Latency(SHORT));
        long start = System.nanoTime();
        assertThat(Caller.await(send()).status()).isEqualTo(200);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(received()).isEqualTo(1);
    }

    @Test
    void server_errors_come_before_or_after_the_effect() {
        inject(new FaultEffect.ServerError(false));
        Caller.Reply before = Caller.await(send());
        assertThat(before.status()).isEqualTo(500);
        assertThat(before.description()).isEqualTo("Internal Server Error: restart");
        assertThat(received()).isZero();
        SIMULATOR.faults().clear();
        inject(new FaultEffect.ServerError(true));
        assertThat(Caller.await(send()).status()).isEqualTo(500);
        assertThat(received()).isEqualTo(1);
    }

    @Test
    void a_bad_gateway_speaks_html() {
        inject(new FaultEffect.BadGateway(false));
        Caller.Reply reply = Caller.await(send());
        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.text()).startsWith("<html>");
        assertThat(received()).isZero();
    }

    @Test
    void a_429_may_be_made_up() {
        inject(new FaultEffect.TooManyRequests(7));
        Caller.Reply reply = Caller.await(send());
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.response().headers().firstValue("retry-after")).contains("7");
        assertThat(SIMULATOR.ledger().flooded(1000))
                .singleElement()
                .satisfies(entry -> assertThat(entry.retryAfter()).isEqualTo(7));
        SIMULATOR.faults().clear();
        assertThat(Caller.await(send()).status()).as("it blocks nobody").isEqualTo(200);
    }

    @Test
    void a_truncated_body_ends_early() {
        inject(new FaultEffect.TruncatedBody());
        assertThat(Caller.failure(send())).isInstanceOf(IOException.class);
        assertThat(received()).isEqualTo(1);
    }

    @Test
    void a_slow_answer_is_whole_in_the_end() {
        inject(new FaultEffect.SlowAnswer(SHORT));
        assertThat(Caller.await(send()).result().get("text").asString()).isEqualTo("x");
    }

    @Test
    void a_rule_strikes_only_what_it_names() {
        InjectedFault fault = SIMULATOR
                .faults()
                .add(FaultRule.of(new FaultEffect.ServerError(false))
                        .onMethod("SendMessage")
                        .onBot(1000)
                        .onChat(9)
                        .skipping(1)
                        .times(1));
        assertThat(caller.text(8, "x").status()).as("other chat").isEqualTo(200);
        assertThat(caller.call("getChat", Map.of("chat_id", 9)).status())
                .as("other method")
                .isEqualTo(200);
        assertThat(caller.text(9, "x").status()).as("the first").isEqualTo(200);
        assertThat(caller.text(9, "x").status()).as("the second").isEqualTo(500);
        assertThat(caller.text(9, "x").status()).as("once only").isEqualTo(200);
        assertThat(fault.struck()).isEqualTo(1);
    }

    @Test
    void a_probability_strikes_about_as_often() {
        SIMULATOR.faults().add(FaultRule.of(new FaultEffect.ServerError(false)).withProbability(0.5));
        int struck = 0;
        for (int i = 0; i < 100; i++) {
            struck += caller.text(9, "x").status() == 500 ? 1 : 0;
        }
        assertThat(struck).isBetween(25, 75); // the seed is fixed
    }

    private static void inject(FaultEffect effect) {
        SIMULATOR.faults().add(FaultRule.of(effect).onMethod("sendMessage"));
    }

    private CompletableFuture<Caller.Reply> send() {
        return caller.callAsync("sendMessage", Map.of("chat_id", 9, "text", "x"));
    }

    private static int received() {
        return SIMULATOR.ledger().received(1000, 9).size();
    }
}
