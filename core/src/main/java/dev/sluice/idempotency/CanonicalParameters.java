package dev.sluice.idempotency;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a call in a form that does not depend on how they were sent: the same ones from a query string, a
 * form, JSON or multipart have the same fingerprint, different ones different fingerprints. Not thread-safe.
 *
 * <ul>
 *   <li>Order does not matter, neither of parameters nor of the keys of JSON objects; the order of arrays does.
 *   <li>A parameter that is a JSON number, boolean or null equals its text, as in Telegram's own reading of JSON bodies.
 *       Inside objects and arrays types stay apart.
 *   <li>A structure sent as text in a form equals the structure in a JSON body, if whoever parses the request passes both
 *       as {@link Map} or {@link List}. Texts that people will read ({@code text}, {@code caption}) must be passed as
 *       they are, or two messages that differ only in blanks between brackets would count as one.
 *   <li>An empty text is not an absent one.
 *   <li>Files count by content. Where a parameter refers to one ({@code attach://name}), the content stands in place of the
 *       name, since clients invent a new name for each request.
 * </ul>
 */
public final class CanonicalParameters {
    /** Part of what is digested; to be changed with the form, so that old and new records never look like twins. */
    private static final String FORM = "sluice-parameters-1";

    private static final String ATTACHED = "attach://";

    /** Beyond it a number's digits are not written out: 1E+999999999 is twelve characters of input. */
    private static final int LONGEST_PLAIN_SCALE = 400;

    private final TreeMap<String, @Nullable Object> values = new TreeMap<>();
    private final TreeMap<String, Fingerprint> files = new TreeMap<>();

    /**
     * Adds a parameter; a later one of the same name replaces an earlier.
     *
     * @param value a {@link String}, {@link Boolean}, {@link Number} ({@link BigDecimal} keeps a fraction's digits as they
     *     were written), null, or a {@link List} or {@link Map} (with text keys) of such
     */
    public CanonicalParameters value(String name, @Nullable Object value) {
        values.put(name, value);
        return this;
    }

    /** Adds an uploaded file; a later one of the same name replaces an earlier. */
    public CanonicalParameters file(String name, Fingerprint content) {
        files.put(name, content);
        return this;
    }

    /** @throws IllegalArgumentException if a value is of another type than those of {@link #value} */
    public Fingerprint fingerprint() {
        var out = new CanonicalBytes().text(FORM);
        var referred = new HashSet<String>();
        out.count(values.size());
        values.forEach((name, value) -> {
            out.text(name);
            writeParameter(out, value, referred);
        });
        var unreferred = new TreeMap<>(files);
        unreferred.keySet().removeAll(referred);
        out.count(unreferred.size());
        unreferred.forEach((name, content) -> out.text(name).text(content.hex()));
        return new Fingerprint(out.hex());
    }

    private void writeParameter(CanonicalBytes out, @Nullable Object value, Set<String> referred) {
        switch (value) {
            case null -> writeText(out, "null", referred);
            case Boolean bool -> writeText(out, bool.toString(), referred);
            case Number number -> writeText(out, plain(number), referred);
            case Object other -> writeNested(out, other, referred);
        }
    }

    private void writeNested(CanonicalBytes out, @Nullable Object value, Set<String> referred) {
        switch (value) {
            case null -> out.mark('z');
            case String text -> writeText(out, text, referred);
            case Boolean bool -> out.mark(bool ? 't' : 'f');
            case Number number -> out.mark('n').text(plain(number));
            case List<?> list -> {
                out.mark('a').count(list.size());
                list.forEach(element -> writeNested(out, element, referred));
            }
            case Map<?, ?> map -> {
                out.mark('o').count(map.size());
                sorted(map).forEach((name, element) -> writeNested(out.text(name), element, referred));
            }
            default -> throw new IllegalArgumentException("not a parameter's value: " + value.getClass());
        }
    }

    private void writeText(CanonicalBytes out, String text, Set<String> referred) {
        if (text.startsWith(ATTACHED)) {
            String name = text.substring(ATTACHED.length());
            Fingerprint content = files.get(name);
            if (content != null) {
                referred.add(name);
                out.mark('u').text(content.hex());
                return;
            }
        }
        out.mark('s').text(text);
    }

    private static TreeMap<String, @Nullable Object> sorted(Map<?, ?> map) {
        var sorted = new TreeMap<String, @Nullable Object>();
        map.forEach((name, value) -> {
            if (!(name instanceof String text)) {
                throw new IllegalArgumentException("keys of an object are texts");
            }
            sorted.put(text, value);
        });
        return sorted;
    }

    private static String plain(Number number) {
        return switch (number) {
            case Byte n -> n.toString();
            case Short n -> n.toString();
            case Integer n -> n.toString();
            case Long n -> n.toString();
            case BigInteger n -> n.toString();
            case BigDecimal n -> Math.abs((long) n.scale()) > LONGEST_PLAIN_SCALE ? n.toString() : n.toPlainString();
            case Double n when Double.isFinite(n) -> BigDecimal.valueOf(n).toPlainString();
            case Float n when Float.isFinite(n) -> new BigDecimal(n.toString()).toPlainString();
            default -> throw new IllegalArgumentException("not a JSON number: " + number.getClass());
        };
    }
}
