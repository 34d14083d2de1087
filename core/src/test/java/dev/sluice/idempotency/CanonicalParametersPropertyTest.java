package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Parameters over a small alphabet, so that unequal sets are near each other and equal ones turn up. */
class CanonicalParametersPropertyTest {

    @Property(tries = 500)
    void order_does_not_matter(@ForAll("parameters") Map<String, Object> parameters, @ForAll Random random) {
        assertThat(fingerprint(shuffled(parameters, random))).isEqualTo(fingerprint(parameters));
    }

    @Property(tries = 500)
    void json_scalars_and_their_text_are_the_same(@ForAll("parameters") Map<String, Object> parameters) {
        var asForm = new LinkedHashMap<>(parameters);
        asForm.replaceAll(
                (name, value) -> value instanceof Integer || value instanceof Boolean ? value.toString() : value);

        assertThat(fingerprint(asForm)).isEqualTo(fingerprint(parameters));
    }

    @Property(tries = 2_000)
    void different_parameters_have_different_fingerprints_and_equal_ones_the_same(
            @ForAll("parameters") Map<String, Object> one, @ForAll("parameters") Map<String, Object> other) {
        assertThat(fingerprint(one).equals(fingerprint(other)))
                .isEqualTo(asText(one).equals(asText(other)));
    }

    @Property(tries = 500)
    void any_change_of_one_parameter_changes_the_fingerprint(
            @ForAll("parameters") Map<String, Object> parameters,
            @ForAll("names") String name,
            @ForAll("values") Object value) {
        var changed = new LinkedHashMap<>(parameters);
        changed.put(name, value);

        assertThat(fingerprint(changed).equals(fingerprint(parameters)))
                .isEqualTo(asText(changed).equals(asText(parameters)));
    }

    private static Fingerprint fingerprint(Map<String, Object> parameters) {
        var canonical = new CanonicalParameters();
        parameters.forEach(canonical::value);
        return canonical.fingerprint();
    }

    /** What two sets must share to be the same: top-level scalars by their text, all else as it is. */
    private static Map<String, Object> asText(Map<String, Object> parameters) {
        var texts = new LinkedHashMap<>(parameters);
        texts.replaceAll((name, value) -> value instanceof List || value instanceof Map ? value : value.toString());
        return texts;
    }

    private static Map<String, Object> shuffled(Map<String, Object> map, Random random) {
        var entries = new ArrayList<>(map.entrySet());
        Collections.shuffle(entries, random);
        var shuffled = new LinkedHashMap<String, Object>();
        for (Map.Entry<String, Object> entry : entries) {
            shuffled.put(entry.getKey(), shuffledInside(entry.getValue(), random));
        }
        return shuffled;
    }

    @SuppressWarnings("unchecked")
    private static Object shuffledInside(Object value, Random random) {
        return switch (value) {
            case Map<?, ?> map -> shuffled((Map<String, Object>) map, random);
            case List<?> list ->
                list.stream().map(element -> shuffledInside(element, random)).toList();
            default -> value;
        };
    }

    @Provide
    Arbitrary<Map<String, Object>> parameters() {
        return Arbitraries.maps(names(), values()).ofMaxSize(3);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().withChars("ab").ofMinLength(1).ofMaxLength(2);
    }

    @Provide
    Arbitrary<Object> values() {
        return values(2);
    }

    private Arbitrary<Object> values(int depth) {
        Arbitrary<Object> scalars = Arbitraries.oneOf(
                Arbitraries.strings().withChars("ab1{[\"").ofMaxLength(2).asGeneric(),
                Arbitraries.integers().between(0, 11).asGeneric(),
                Arbitraries.of(true, false).asGeneric());
        if (depth == 0) {
            return scalars;
        }
        return Arbitraries.oneOf(
                scalars,
                scalars,
                values(depth - 1).list().ofMaxSize(2).asGeneric(),
                Arbitraries.maps(names(), values(depth - 1)).ofMaxSize(2).asGeneric());
    }
}
