# SPDX-License-Identifier: MIT
# What Java learned after rouge's lexer was written: records, sealed types, yield, text blocks.
require 'rouge'

Rouge::Lexers::Java.prepend :root do
  # The lexer hands the words before a name and a bracket to itself, alone: hence the \z.
  rule %r/\b(?:record|permits)(?=\s+(?:\p{Lu}|\z))/, Rouge::Token::Tokens::Keyword::Declaration
  rule %r/\b(?:non-sealed|sealed)(?=\s+(?:abstract\s+)?(?:class|interface)\b)/, Rouge::Token::Tokens::Keyword::Declaration
  rule %r/\byield(?=\s+[^=.;)])/, Rouge::Token::Tokens::Keyword
  rule %r/"""(?:\\.|.)*?"""/m, Rouge::Token::Tokens::Str
end
