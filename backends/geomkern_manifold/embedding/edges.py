class EdgeList: pass
