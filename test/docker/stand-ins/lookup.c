/* Asks the C library for the addresses of a name, as any program does: `lookup NAME` prints each on a line, or why there is none. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  struct addrinfo hints, *found;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = AF_INET;
  int code = getaddrinfo(argc > 1 ? argv[1] : "", NULL, &hints, &found);
  if (code) {
    puts(code == EAI_NONAME ? "EAI_NONAME" : code == EAI_AGAIN ? "EAI_AGAIN" : gai_strerror(code));
    return 0;
  }
  for (struct addrinfo *one = found; one; one = one->ai_next) {
    puts(inet_ntoa(((struct sockaddr_in *)one->ai_addr)->sin_addr));
  }
  return 0;
}
