package dev.sluice.redis;

import static dev.sluice.redis.TestScripts.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with a certificate made out for 127.0.0.1 by nobody but itself. */
class RedisTlsTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(10);
    private static final String PASSWORD = "changeit";

    @TempDir
    private static Path folder;

    private static RedisProcess redis;

    @BeforeAll
    static void start() throws Exception {
        makeCertificate();
        try {
            redis = RedisFixture.start(
                    RedisProcess.Kind.TLS_SERVER,
                    "tls-cert-file " + folder.resolve("cert.pem"),
                    "tls-key-file " + folder.resolve("key.pem"),
                    "tls-ca-cert-file " + folder.resolve("cert.pem"),
                    "tls-auth-clients no");
        } catch (IllegalStateException e) {
            assumeThat(e.getMessage())
                    .as("this redis-server is built without TLS")
                    .doesNotContain("Bad directive");
            throw e;
        }
    }

    @AfterAll
    static void stop() {
        if (redis != null) {
            redis.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ca=%s/cert.pem",
                "ca=%s/cert.pem&verify=ca",
                "verify=none",
                "truststore=%s/keys.p12&truststore-password=" + PASSWORD
            })
    void a_server_that_is_trusted_is_used(String parameters) {
        String url = redis.uri() + "?" + parameters.formatted(folder);
        try (RedisStore store = RedisStore.connect(RedisFixture.patient(url), RedisEvents.NONE)) {
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "k") > 0);
            assertThat(store.address()).startsWith("rediss://127.0.0.1:");
        }
    }

    @Test
    void an_unknown_certificate_is_refused_at_start() {
        assertThatThrownBy(() -> RedisStore.connect(RedisFixture.patient(redis.uri()), RedisEvents.NONE))
                .isInstanceOf(RedisConfigurationException.class)
                .hasMessageContaining("TLS with Redis at rediss://127.0.0.1:" + redis.port());
    }

    @Test
    void a_certificate_of_another_host_is_refused_unless_names_are_not_checked() {
        String elsewhere = "rediss://localhost:" + redis.port() + "?ca=" + folder.resolve("cert.pem");

        assertThatThrownBy(() -> RedisStore.connect(RedisFixture.patient(elsewhere), RedisEvents.NONE))
                .isInstanceOf(RedisConfigurationException.class);
        try (RedisStore store = RedisStore.connect(RedisFixture.patient(elsewhere + "&verify=ca"), RedisEvents.NONE)) {
            await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "k") > 0);
        }
    }

    private static void makeCertificate() throws Exception {
        Path store = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "redis",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=redis",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-ext",
                        "BC=ca:true",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(output).isZero();

        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        byte[] certificate = keys.getCertificate("redis").getEncoded();
        writePem("cert.pem", "CERTIFICATE", certificate);
        writePem(
                "key.pem",
                "PRIVATE KEY",
                keys.getKey("redis", PASSWORD.toCharArray()).getEncoded());
        keys.setCertificateEntry("redis-ca", keys.getCertificate("redis"));
        try (var out = Files.newOutputStream(store)) {
            keys.store(out, PASSWORD.toCharArray());
        }
    }

    private static void writePem(String file, String label, byte[] content) throws Exception {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(
                folder.resolve(file), "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label));
    }
}
