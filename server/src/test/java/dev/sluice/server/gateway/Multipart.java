package dev.sluice.server.gateway;

/** Writes multipart/form-data by hand, in ASCII. */
final class Multipart {
    private final String boundary;
    private final StringBuilder out = new StringBuilder();

    private Multipart(String boundary) {
        this.boundary = boundary;
    }

    static Multipart of(String boundary) {
        return new Multipart(boundary);
    }

    Multipart field(String name, String value) {
        out.append("--")
                .append(boundary)
                .append("\r\nContent-Disposition: form-data; name=\"")
                .append(name)
                .append("\"\r\n\r\n")
                .append(value)
                .append("\r\n");
        return this;
    }

    Multipart file(String name, int size) {
        return file(name, "x".repeat(size));
    }

    Multipart file(String name, String content) {
        out.append("--")
                .append(boundary)
                .append("\r\nContent-Disposition: form-data; name=\"")
                .append(name)
                .append("\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .append(content)
                .append("\r\n");
        return this;
    }

    String end() {
        return out + "--" + boundary + "--\r\n";
    }

    String unfinished() {
        return out.toString();
    }
}
