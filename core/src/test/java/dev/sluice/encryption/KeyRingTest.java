package dev.sluice.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
    private static final String HEX = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String OTHER = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String CONTEXT = "bots/token/123456";
    private static final byte[] CONTENT = "123456:AAE-a-secret".getBytes(UTF_8);

    private final KeyRing ring = KeyRing.of(List.of(HEX));

    @Test
    void what_was_sealed_opens_again_and_shows_nothing_of_its_content() {
        byte[] sealed = ring.seal(CONTEXT, CONTENT);

        assertThat(ring.open(CONTEXT, sealed)).hasValue(CONTENT);
        assertThat(new String(sealed, UTF_8)).doesNotContain("123456", "AAE");
        assertThat(sealed).hasSize(CONTENT.length + Sealer.OVERHEAD).startsWith((byte) 1);
    }

    @Test
    void equal_contents_do_not_look_equal() {
        assertThat(ring.seal(CONTEXT, CONTENT)).isNotEqualTo(ring.seal(CONTEXT, CONTENT));
    }

    @Test
    void nothing_opens_in_another_place_than_its_own() {
        assertThat(ring.open("bots/token/123457", ring.seal(CONTEXT, CONTENT))).isEmpty();
    }

    @Test
    void a_change_of_any_byte_keeps_it_shut() {
        byte[] sealed = ring.seal(CONTEXT, CONTENT);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(ring.open(CONTEXT, changed)).as("byte " + i).isEmpty();
        }
    }

    @Test
    void what_is_cut_short_or_was_never_sealed_stays_shut() {
        byte[] sealed = ring.seal(CONTEXT, CONTENT);
        for (int length = 0; length < sealed.length; length++) {
            assertThat(ring.open(CONTEXT, Arrays.copyOf(sealed, length))).isEmpty();
        }
        assertThat(ring.open(CONTEXT, CONTENT)).isEmpty();
    }

    @Test
    void every_key_of_the_ring_opens_and_the_first_seals() {
        byte[] old = ring.seal(CONTEXT, CONTENT);
        var rotated = KeyRing.of(List.of(OTHER, HEX));
        byte[] fresh = rotated.seal(CONTEXT, CONTENT);

        assertThat(rotated.open(CONTEXT, old)).hasValue(CONTENT);
        assertThat(rotated.isCurrent(old)).isFalse();
        assertThat(rotated.isCurrent(fresh)).isTrue();
        assertThat(ring.open(CONTEXT, fresh)).as("by who has the old key only").isEmpty();
        assertThat(KeyRing.of(List.of(OTHER)).open(CONTEXT, old))
                .as("once the old key is gone")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
            })
    void the_same_32_bytes_are_the_same_key_however_they_are_written(String text) {
        assertThat(KeyRing.of(List.of(text)).open(CONTEXT, ring.seal(CONTEXT, CONTENT)))
                .hasValue(CONTENT);
    }

    @Test
    void a_passphrase_is_the_same_key_in_every_process() {
        byte[] sealed = KeyRing.of(List.of("correct-horse-battery")).seal(CONTEXT, CONTENT);

        assertThat(KeyRing.of(List.of("correct-horse-battery")).open(CONTEXT, sealed))
                .hasValue(CONTENT);
        assertThat(KeyRing.of(List.of("correct-horse-batterz")).open(CONTEXT, sealed))
                .isEmpty();
    }

    /** Guards stored data against a change of how keys are derived: computed apart from this code. */
    @Test
    void the_derivation_is_hkdf_as_rfc_5869_has_it() {
        byte[] id = MasterKey.of(HEX).id();
        byte[] key = MasterKey.of(HEX).keyFor(CONTEXT).getEncoded();

        assertThat(id).asHexString().isEqualToIgnoringCase("54947b05");
        assertThat(key)
                .asHexString()
                .isEqualToIgnoringCase("336cf30ee875f0552464f40b0ea792a796a695671ed1a29eeb114c6a874a9894");
    }

    @Test
    void no_key_shows_itself() {
        assertThat(MasterKey.of(HEX).toString()).doesNotContain(HEX.substring(2, 10));
    }

    @Test
    void a_ring_without_a_key_is_none() {
        assertThatThrownBy(() -> KeyRing.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
