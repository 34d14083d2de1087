package dev.sluice.server.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads a {@code .env} file: {@code NAME=value} lines, {@code #} comments, an optional {@code export}, values in single
 * quotes (literal) or double quotes (with {@code \n \t \" \\}). Nothing is expanded and no value spans lines.
 */
final class DotEnv {
    private static final Pattern LINE =
            Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.]*)\\s*=\\s*(.*?)\\s*");
    private static final Pattern QUOTED = Pattern.compile("(?:'([^']*)'|\"((?:[^\"\\\\]|\\\\.)*)\")\\s*(?:#.*)?");
    private static final Pattern TRAILING_COMMENT = Pattern.compile("(?:^|\\s+)#.*$");

    private DotEnv() {}

    /** Name to value, later lines winning; what cannot be read is added to {@code problems} by its line number only. */
    static Map<String, String> parse(String file, List<String> lines, List<Problem> problems) {
        var values = new LinkedHashMap<String, String>();
        for (int i = 0; i < lines.size(); i++) {
            var line = i == 0 && lines.getFirst().startsWith("\uFEFF")
                    ? lines.getFirst().substring(1)
                    : lines.get(i);
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            var match = LINE.matcher(line);
            if (!match.matches()) {
                problems.add(Problem.of(file, "line " + (i + 1) + " is not of the form NAME=value"));
                continue;
            }
            String value = match.group(2);
            if (value.startsWith("'") || value.startsWith("\"")) {
                var quoted = QUOTED.matcher(value);
                if (!quoted.matches()) {
                    problems.add(Problem.of(file, "line " + (i + 1) + " has a quote that is not closed"));
                    continue;
                }
                values.put(match.group(1), quoted.group(1) != null ? quoted.group(1) : unescape(quoted.group(2)));
            } else {
                values.put(match.group(1), TRAILING_COMMENT.matcher(value).replaceFirst(""));
            }
        }
        return values;
    }

    private static String unescape(String text) {
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            switch (escaped) {
                case 'n' -> plain.append('\n');
                case 't' -> plain.append('\t');
                case '"', '\\', '$' -> plain.append(escaped);
                default -> plain.append('\\').append(escaped);
            }
        }
        return plain.toString();
    }
}
