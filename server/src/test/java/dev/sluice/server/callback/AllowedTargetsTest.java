package dev.sluice.server.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedTargetsTest {
    private static final AllowedTargets PUBLIC = AllowedTargets.of(Set.of());

    private static CallbackUrl url(String text) {
        return CallbackUrl.parse(text).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.1.2.3",
                "100.64.0.1",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.168.1.1",
                "198.18.0.1",
                "203.0.113.9",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "fe80::1",
                "fc00::1",
                "fd12:3456::1",
                "ff02::1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001:0:1::",
                "2001:db8::1"
            })
    void what_is_no_public_address_is_refused(String address) throws Exception {
        assertThat(PUBLIC.allows("name.example", InetAddress.getByName(address)))
                .isFalse();
        String host = address.contains(":") ? "[" + address + "]" : address;
        assertThat(PUBLIC.mayAllow(url("http://" + host + "/x"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "172.15.0.1",
                "172.32.0.1",
                "192.169.0.1",
                "149.154.167.220",
                "2a02:5180::1",
                "2606:4700::1"
            })
    void public_addresses_are_allowed(String address) throws Exception {
        assertThat(PUBLIC.allows("name.example", InetAddress.getByName(address)))
                .isTrue();
    }

    @Test
    void the_operator_allows_networks_addresses_and_names() throws Exception {
        AllowedTargets targets = AllowedTargets.of(Set.of("10.0.0.0/8", "fd00::1", "Bot.Internal"));

        assertThat(targets.allows("a", InetAddress.getByName("10.255.0.1"))).isTrue();
        assertThat(targets.allows("a", InetAddress.getByName("11.0.0.1"))).isTrue();
        assertThat(targets.allows("a", InetAddress.getByName("192.168.0.1"))).isFalse();
        assertThat(targets.allows("a", InetAddress.getByName("fd00::1"))).isTrue();
        assertThat(targets.allows("a", InetAddress.getByName("fd00::2"))).isFalse();
        assertThat(targets.allows("bot.internal", InetAddress.getByName("192.168.0.1")))
                .isTrue();
        assertThat(targets.mayAllow(url("http://10.1.1.1/"))).isTrue();
        assertThat(targets.mayAllow(url("http://localhost/"))).isFalse();
        assertThat(AllowedTargets.of(AllowedTargets.LOOPBACK).mayAllow(url("http://localhost:1/")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0", "http://x", "a b", "::1/129", "10.0.0.0/x"})
    void what_names_neither_host_nor_network_is_no_rule(String text) {
        assertThat(AllowedTargets.isRule(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://x/",
                "//x/y",
                "/x",
                "http:///x",
                "http://user:pass@x/",
                "http://x/#part",
                "http://x:0/",
                "http://x:65536/",
                "http://x/ y",
                "http://x/é",
                "mailto:a@b"
            })
    void what_is_no_url_of_a_receiver_is_refused(String text) {
        assertThat(CallbackUrl.parse(text)).isEmpty();
    }

    @Test
    void a_url_is_of_a_bounded_length_and_never_shown() {
        CallbackUrl secret = url("https://bot.example/hooks/secret?key=secret");

        assertThat(secret.toString()).doesNotContain("secret").doesNotContain("bot.example");
        assertThat(secret.path()).isEqualTo("/hooks/secret?key=secret");
        assertThat(CallbackUrl.parse("https://x/" + "a".repeat(2048))).isEmpty();
    }
}
