package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Attempt;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the upstream does, a POST is written once, and what became of it is told apart safely. */
class NeverSentTwiceTest {
    /** What an upstream does after it has read the whole request. */
    enum Misdeed {
        CLOSES {
            @Override
            void on(RawUpstream.Wire wire) throws IOException {
                wire.close();
            }
        },
        RESETS {
            @Override
            void on(RawUpstream.Wire wire) throws IOException {
                wire.reset();
            }
        },
        CLOSES_AFTER_HALF_A_HEAD {
            @Override
            void on(RawUpstream.Wire wire) throws IOException {
                wire.write("HTTP/1.1 200 OK\r\nContent-Le");
                wire.close();
            }
        },
        CLOSES_AFTER_HALF_A_BODY {
            @Override
            void on(RawUpstream.Wire wire) throws IOException {
                wire.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"ok\":true");
                wire.close();
            }
        },
        CLOSES_AMID_CHUNKS {
            @Override
            void on(RawUpstream.Wire wire) throws IOException {
                wire.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ok\"\r\n");
                wire.close();
            }
        },
        RESETS_AMID_THE_BODY {
            @Override
            void on(RawUpstream.Wire wire) throws IOException {
                wire.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"ok\":true");
                wire.reset();
            }
        },
        TALKS_NONSENSE {
            @Override
            void on(RawUpstream.Wire wire) throws IOException {
                wire.write("220 mail.example.org ESMTP\r\n\r\n");
                wire.close();
            }
        };

        abstract void on(RawUpstream.Wire wire) throws IOException;
    }

    private final FakeDelivery delivery = new FakeDelivery();
    private final RawUpstream upstream;
    private GatewayFixture gateway;

    NeverSentTwiceTest() throws IOException {
        upstream = new RawUpstream();
        gateway = new GatewayFixture(upstream.url(), delivery);
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        upstream.close();
    }

    @ParameterizedTest
    @EnumSource
    void on_a_fresh_connection_exactly_one_request_is_seen(Misdeed misdeed) throws Exception {
        upstream.onCalls((request, wire) -> misdeed.on(wire));
        gateway.tokens.trust(Accounts.BOT); // without a getMe, so that there is no connection yet

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}");

        assertUnknown(answer);
        assertThat(upstream.requests("sendMessage")).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void on_a_pooled_connection_exactly_one_request_is_seen(Misdeed misdeed) throws Exception {
        gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"first\"}");
        int connections = upstream.connections();
        upstream.onCalls((request, wire) -> misdeed.on(wire));

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"second\"}");

        assertUnknown(answer);
        assertThat(upstream.requests("sendMessage")).hasSize(2);
        assertThat(upstream.connections()).isEqualTo(connections);
    }

    @Test
    void after_the_upstream_closed_its_idle_connections_the_next_send_goes_out_once() throws Exception {
        for (int i = 0; i < 20; i++) {
            String text = "{\"chat_id\":42,\"text\":\"" + i + "\"}";
            gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"warm\"}");
            upstream.closeConnections();

            HttpResponse<String> answer = gateway.json("sendMessage", text);

            // either the close was seen before, and a new connection made, or nobody can know
            assertThat(answer.statusCode()).isIn(200, 504);
            assertThat(upstream.requests("sendMessage").stream()
                            .filter(r -> r.text().equals(text)))
                    .hasSizeLessThanOrEqualTo(1);
            if (answer.statusCode() == 200) {
                assertThat(upstream.requests("sendMessage").stream()
                                .filter(r -> r.text().equals(text)))
                        .hasSize(1);
            }
        }
    }

    @Test
    void nobody_listening_is_not_reached() throws Exception {
        gateway.close();
        // A port that nobody is given who asks for any: where another was free, another process may listen by now.
        gateway = new GatewayFixture(URI.create("http://127.0.0.1:1"), delivery);
        gateway.tokens.trust(Accounts.BOT);

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(delivery.attempts).containsExactly(new Attempt.NotReached("connect"));
    }

    @Test
    void an_unknown_host_is_not_reached() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(URI.create("http://no-such-host.invalid:81"), delivery);
        gateway.tokens.trust(Accounts.BOT);

        assertThat(gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}")
                        .statusCode())
                .isEqualTo(502);
        assertThat(delivery.attempts).hasSize(1).first().isInstanceOf(Attempt.NotReached.class);
    }

    @Test
    void a_server_without_tls_is_not_reached_over_tls() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(
                URI.create(upstream.url().toString().replace("http:", "https:")),
                delivery,
                s -> s,
                s -> s.withConnectTimeout(Duration.ofMillis(500)),
                GatewayEvents.NONE);
        gateway.tokens.trust(Accounts.BOT);

        assertThat(gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}")
                        .statusCode())
                .isEqualTo(502);
        assertThat(delivery.attempts).hasSize(1).first().isInstanceOf(Attempt.NotReached.class);
    }

    @Test
    void a_server_whose_certificate_nobody_vouches_for_is_not_reached(@TempDir Path folder) throws Exception {
        Path keys = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(20, TimeUnit.SECONDS)).isTrue();
        Vertx vertx = Vertx.vertx();
        HttpServer impostor = vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(
                                new PfxOptions().setPath(keys.toString()).setPassword("changeit")))
                .requestHandler(request -> request.response().end(RawUpstream.OK))
                .listen(0, "localhost")
                .await();
        gateway.close();
        gateway = new GatewayFixture(URI.create("https://localhost:" + impostor.actualPort()), delivery);
        gateway.tokens.trust(Accounts.BOT);

        assertThat(gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}")
                        .statusCode())
                .isEqualTo(502);
        assertThat(delivery.attempts).containsExactly(new Attempt.NotReached("tls"));
        vertx.close().await();
    }

    @Test
    void waiting_too_long_for_a_free_connection_is_not_reached() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(
                upstream.url(),
                delivery,
                s -> s,
                s -> s.withConnections(1).withConnectTimeout(Duration.ofSeconds(2)), // long enough for the first
                GatewayEvents.NONE);
        gateway.tokens.trust(Accounts.BOT);
        upstream.onCalls((request, wire) -> wire.awaitClose());
        var holding = gateway.client()
                .sendAsync(
                        gateway.request(GatewayFixture.path("sendPhoto") + "?chat_id=1")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        await().until(() -> upstream.requests("sendPhoto").size() == 1);

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(upstream.requests("sendMessage")).isEmpty();
        holding.cancel(true);
    }

    @Test
    void silence_after_the_body_is_unanswered_when_the_timeout_has_passed() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(
                upstream.url(), delivery, s -> s, s -> s.withTimeout(Duration.ofSeconds(2)), GatewayEvents.NONE);
        gateway.tokens.trust(Accounts.BOT);
        upstream.onCalls((request, wire) -> wire.awaitClose());

        HttpResponse<String> answer = gateway.json("sendMessage", "{\"chat_id\":42,\"text\":\"hi\"}");

        assertUnknown(answer);
        assertThat(delivery.attempts).containsExactly(new Attempt.Unanswered("timeout"));
        assertThat(upstream.requests("sendMessage")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 3_000_000})
    void a_spooled_upload_that_is_not_answered_is_seen_once(int size) throws Exception {
        upstream.onCalls((request, wire) -> wire.close());

        HttpResponse<String> answer = gateway.post(
                GatewayFixture.path("sendDocument"),
                "multipart/form-data; boundary=xx",
                Multipart.of("xx").file("document", size).field("chat_id", "42").end());

        assertUnknown(answer);
        assertThat(upstream.requests("sendDocument")).hasSize(1);
        await().untilAsserted(() -> assertThat(gateway.gateway.spooledBytes()).isZero());
    }

    private void assertUnknown(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).contains("\"outcome\":\"unknown\"");
        assertThat(delivery.attempts).last().isInstanceOf(Attempt.Unanswered.class);
    }
}
