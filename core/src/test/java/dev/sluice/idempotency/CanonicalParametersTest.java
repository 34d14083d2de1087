package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CanonicalParametersTest {
    private static final Fingerprint CAT = Fingerprint.of("cat".getBytes(StandardCharsets.UTF_8));
    private static final Fingerprint DOG = Fingerprint.of("dog".getBytes(StandardCharsets.UTF_8));

    private static CanonicalParameters parameters() {
        return new CanonicalParameters();
    }

    private static Fingerprint of(String name, @Nullable Object value) {
        return parameters().value(name, value).fingerprint();
    }

    /** Records outlive a release: a change of this value makes every repeat across it look like other content. */
    @Test
    void the_form_stays_the_same_from_release_to_release() {
        Fingerprint fingerprint = parameters()
                .value("chat_id", 42)
                .value("text", "Привет, \uD83D\uDE42")
                .value("reply_markup", Map.of("inline_keyboard", List.of(List.of(Map.of("text", "ok", "pay", true)))))
                .file("document", CAT)
                .fingerprint();

        assertThat(fingerprint.hex()).isEqualTo("ac779d31f7b08008b2abaa5600a2feac86d6bf9f6a36fde5006c51051fd042e9");
    }

    @Test
    void a_call_is_the_same_as_query_string_form_json_and_multipart() {
        Fingerprint asForm = parameters()
                .value("chat_id", "-1001234567890")
                .value("disable_notification", "true")
                .value("latitude", "55.751244")
                .value("reply_markup", Map.of("force_reply", true, "selective", false))
                .fingerprint();

        assertThat(parameters()
                        .value("reply_markup", new TreeMap<>(Map.of("selective", false, "force_reply", true)))
                        .value("latitude", new BigDecimal("55.751244"))
                        .value("disable_notification", true)
                        .value("chat_id", -1001234567890L)
                        .fingerprint())
                .isEqualTo(asForm);
    }

    @Test
    void a_number_equals_its_text_in_whatever_type_it_was_parsed_to() {
        assertThat(Set.of(of("n", "7"))).isEqualTo(fingerprints(7, 7L, (short) 7, (byte) 7, BigInteger.valueOf(7)));
        assertThat(Set.of(of("n", "0.5"))).isEqualTo(fingerprints(0.5, 0.5f, new BigDecimal("0.5")));
        assertThat(Set.of(of("n", "10000000000")))
                .isEqualTo(fingerprints(1e10, new BigDecimal("1E+10"), 10_000_000_000L));
        assertThat(Set.of(of("n", "0.50"))).isEqualTo(fingerprints(new BigDecimal("0.50")));
    }

    private static Set<Fingerprint> fingerprints(Object... values) {
        return Set.copyOf(
                Arrays.stream(values).map(value -> of("n", value)).distinct().toList());
    }

    @Test
    void a_null_is_the_text_null_as_telegram_reads_it() {
        assertThat(of("a", null)).isEqualTo(of("a", "null"));
        assertThat(of("a", List.of("null"))).isNotEqualTo(of("a", Arrays.asList((Object) null)));
    }

    @Test
    void an_absent_parameter_is_not_an_empty_one() {
        assertThat(of("a", "")).isNotEqualTo(parameters().fingerprint());
        assertThat(of("a", Map.of())).isNotEqualTo(of("a", List.of()));
    }

    @Test
    void inside_structures_types_stay_apart() {
        assertThat(of("a", List.of(1))).isNotEqualTo(of("a", List.of("1")));
        assertThat(of("a", List.of(true))).isNotEqualTo(of("a", List.of("true")));
        assertThat(of("a", List.of(true))).isNotEqualTo(of("a", List.of(false)));
    }

    @Test
    void the_order_of_arrays_matters() {
        assertThat(of("a", List.of(1, 2))).isNotEqualTo(of("a", List.of(2, 1)));
    }

    @Test
    void what_moves_across_a_border_between_parameters_is_not_the_same() {
        assertThat(parameters().value("ab", "c").fingerprint())
                .isNotEqualTo(parameters().value("a", "bc").fingerprint());
        assertThat(of("a", List.of(List.of(1), 2))).isNotEqualTo(of("a", List.of(List.of(1, 2))));
    }

    @Test
    void a_later_value_replaces_an_earlier_one() {
        assertThat(parameters().value("a", "1").value("a", "2").fingerprint()).isEqualTo(of("a", "2"));
    }

    @Test
    void broken_surrogates_stay_apart() {
        assertThat(of("a", "\uD83D")).isNotEqualTo(of("a", "?")).isNotEqualTo(of("a", "\uD83E"));
    }

    @Test
    void files_count_by_content_and_by_the_parameter_they_fill() {
        Fingerprint cat = parameters().file("photo", CAT).fingerprint();

        assertThat(parameters().file("photo", CAT).fingerprint()).isEqualTo(cat);
        assertThat(parameters().file("photo", DOG).fingerprint()).isNotEqualTo(cat);
        assertThat(parameters().file("document", CAT).fingerprint()).isNotEqualTo(cat);
        assertThat(of("photo", CAT.hex())).isNotEqualTo(cat);
    }

    @Test
    void the_names_that_clients_invent_for_attached_files_do_not_matter() {
        assertThat(album("x1", CAT, "x2", DOG)).isEqualTo(album("r9", CAT, "q7", DOG));
        assertThat(album("x1", CAT, "x2", DOG))
                .isNotEqualTo(album("x1", DOG, "x2", CAT))
                .isNotEqualTo(album("x1", CAT, "x2", CAT));
        assertThat(of("photo", "attach://nothing")).isNotEqualTo(of("photo", "attach://none"));
    }

    private static Fingerprint album(String firstName, Fingerprint first, String secondName, Fingerprint second) {
        return parameters()
                .value(
                        "media",
                        List.of(
                                Map.of("type", "photo", "media", "attach://" + firstName),
                                Map.of("type", "photo", "media", "attach://" + secondName)))
                .file(firstName, first)
                .file(secondName, second)
                .fingerprint();
    }

    @Test
    void a_number_of_a_billion_digits_is_not_written_out() {
        assertThat(of("a", new BigDecimal("1E+999999999"))).isNotEqualTo(of("a", new BigDecimal("1E+999999998")));
        assertThat(of("a", new BigDecimal("1E-999999999"))).isNotEqualTo(of("a", "0"));
    }

    @Test
    void what_json_cannot_hold_is_refused_without_being_quoted() {
        assertThatThrownBy(() -> of("a", new AtomicReference<>("secret")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> of("a", Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> of("a", Map.of(1, 2))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keys_differ_by_tag_namespace_name_and_kind() {
        var same = IdempotencyKey.derived("1", "sendmessage", "order-17");
        assertThat(IdempotencyKey.derived("1", "sendmessage", "order-17")).isEqualTo(same);
        assertThat(List.of(
                        same,
                        IdempotencyKey.derived("2", "sendmessage", "order-17"),
                        IdempotencyKey.derived("1", "sendphoto", "order-17"),
                        IdempotencyKey.derived("1", "sendmessage", "order-18"),
                        IdempotencyKey.derived("1", "sendmessageorder", "-17"),
                        IdempotencyKey.derived("1", "sendmessage", CAT.hex()),
                        IdempotencyKey.fromContent("1", "sendmessage", CAT),
                        IdempotencyKey.fromContent("1", "sendphoto", CAT),
                        IdempotencyKey.fromContent("1", "sendmessage", DOG)))
                .doesNotHaveDuplicates();
        assertThat(same.digest()).hasSize(32).doesNotContain("order");
    }

    @Test
    void insertion_order_of_a_map_does_not_matter() {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("a", 1);
        one.put("b", 2);
        Map<String, Object> other = new LinkedHashMap<>();
        other.put("b", 2);
        other.put("a", 1);
        assertThat(of("m", one)).isEqualTo(of("m", other));
    }
}
