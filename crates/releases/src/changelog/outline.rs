//! Notes reduced to headings, list items and paragraphs of plain text.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{Node, NodeValue};
use comrak::{Arena, parse_document};

use crate::notes::{bounded, markdown_options, sanitise_html};

/// Below every real heading: a paragraph that stands for one (`**Breaking changes**`, `Fixed:`).
const PARAGRAPH_LEVEL: u8 = 7;
const MAX_PARAGRAPH_HEADING_BYTES: usize = 60;

/// The blocks of some notes, in their order.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) blocks: Vec<Block>,
}

/// One block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    /// May hold line breaks.
    pub(super) text: String,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    Heading(u8),
    Item,
    Paragraph,
}

impl Outline {
    /// Of Markdown, or of HTML where there is no Markdown.
    pub(super) fn of(markdown: Option<&str>, html: Option<&str>) -> Self {
        let mut builder = Builder::default();
        match (markdown, html) {
            (Some(markdown), _) => builder.read_markdown(&bounded(markdown)),
            (None, Some(html)) => builder.read_html(&sanitise_html(html)),
            (None, None) => {}
        }
        builder.finish()
    }

    /// Of a single line, as if it were the only item.
    pub(super) fn of_item(text: &str) -> Self {
        Self { blocks: vec![Block { kind: BlockKind::Item, text: text.to_owned() }] }
    }
}

/// Blocks so far, and those still open, outermost first.
#[derive(Default)]
struct Builder {
    blocks: Vec<Block>,
    open: Vec<usize>,
}

impl Builder {
    fn start(&mut self, kind: BlockKind) {
        self.open.push(self.blocks.len());
        self.blocks.push(Block { kind, text: String::new() });
    }

    fn end(&mut self) {
        self.open.pop();
    }

    /// What belongs to no block (code blocks, raw HTML) is dropped.
    fn text(&mut self, text: &str) {
        if let Some(block) = self.open.last().and_then(|index| self.blocks.get_mut(*index)) {
            block.text.push_str(text);
        }
    }

    fn innermost(&self) -> Option<BlockKind> {
        self.open.last().and_then(|index| self.blocks.get(*index)).map(|block| block.kind)
    }

    fn read_markdown(&mut self, markdown: &str) {
        let arena = Arena::new();
        for edge in parse_document(&arena, markdown, &markdown_options()).traverse() {
            match edge {
                NodeEdge::Start(node) => self.enter(node),
                NodeEdge::End(node) if block_kind(node).is_some() => self.end(),
                NodeEdge::End(_) => {}
            }
        }
    }

    fn enter(&mut self, node: Node<'_>) {
        if let Some(kind) = block_kind(node) {
            self.start(kind);
        }
        match &node.data().value {
            NodeValue::Text(text) => self.text(text),
            NodeValue::Code(code) => self.text(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => self.text("\n"),
            NodeValue::Paragraph | NodeValue::TableCell => self.text(" "),
            _ => {}
        }
    }

    /// Only of what [`sanitise_html`] wrote: well nested, every `<` a tag, five entities.
    fn read_html(&mut self, html: &str) {
        let mut pieces = html.split('<');
        self.text(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            self.tag(tag.split_whitespace().next().unwrap_or_default());
            self.text(&unescaped(text));
        }
    }

    fn tag(&mut self, name: &str) {
        let in_item = self.innermost() == Some(BlockKind::Item);
        match name.as_bytes() {
            [b'h', level @ b'1'..=b'6'] => self.start(BlockKind::Heading(level - b'0')),
            b"li" => self.start(BlockKind::Item),
            b"p" if !in_item => self.start(BlockKind::Paragraph),
            b"br" | b"p" | b"td" | b"th" => self.text(" "),
            [b'/', b'h', b'1'..=b'6'] | b"/li" => self.end(),
            b"/p" if !in_item => self.end(),
            _ => {}
        }
    }

    fn finish(mut self) -> Outline {
        for block in &mut self.blocks {
            let text = block.text.trim();
            let announces =
                text.ends_with(':') && text.len() <= MAX_PARAGRAPH_HEADING_BYTES && !text.contains('\n');
            if block.kind == BlockKind::Paragraph && announces {
                block.kind = BlockKind::Heading(PARAGRAPH_LEVEL);
            }
        }
        Outline { blocks: self.blocks }
    }
}

/// The block a node begins, if any. The paragraph of a list item is the item.
fn block_kind(node: Node<'_>) -> Option<BlockKind> {
    match &node.data().value {
        NodeValue::Heading(heading) => Some(BlockKind::Heading(heading.level)),
        NodeValue::Item(_) => Some(BlockKind::Item),
        NodeValue::TableRow(_) => Some(BlockKind::Paragraph),
        NodeValue::Paragraph => paragraph_kind(node),
        _ => None,
    }
}

fn paragraph_kind(paragraph: Node<'_>) -> Option<BlockKind> {
    let in_item = paragraph.parent().is_some_and(|parent| matches!(parent.data().value, NodeValue::Item(_)));
    if in_item {
        return None;
    }
    let is_strong = |node: Node<'_>| matches!(node.data().value, NodeValue::Strong);
    let is_end = |node: Node<'_>| matches!(&node.data().value, NodeValue::Text(text) if text.trim() == ":");
    let alone = paragraph.first_child().filter(|first| is_strong(first)).is_some_and(|first| {
        first.next_sibling().is_none_or(|next| is_end(next) && next.next_sibling().is_none())
    });
    Some(if alone { BlockKind::Heading(PARAGRAPH_LEVEL) } else { BlockKind::Paragraph })
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ");
    // Last, or `&amp;lt;` would be read twice.
    text.replace("&amp;", "&")
}
